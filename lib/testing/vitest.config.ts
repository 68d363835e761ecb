import path from "node:path";
import { defineConfig, type TestUserConfig } from "vitest/config";
import { testFiles } from "./alone";

const root = path.resolve(import.meta.dirname, "../..");
const { alone, together } = testFiles(root, ["lib", "db", "inngest", "app", "components"]);
const alias = { "@": root };
/** As esbuild's `text` loader in the bundles. */
const sqlText = {
  name: "sql-text",
  enforce: "pre" as const,
  transform: (code: string, id: string) =>
    id.endsWith(".sql") ? `export default ${JSON.stringify(code)};` : undefined,
};
const common = { resolve: { alias }, plugins: [sqlText] };

/** Waiting for a fact ends with the fact; how long it may take is only how long a broken test keeps us. */
const patience = { testTimeout: 30_000, expect: { poll: { timeout: 10_000 } } };

/** As two projects: the files that share a process, and, as `<name>-alone`, those that have one each. */
const twice = ({ name, exclude = [], ...test }: TestUserConfig & { name: string }) => [
  {
    ...common,
    test: {
      ...test,
      root,
      name,
      exclude: [...exclude, ...alone],
      isolate: false,
      setupFiles: "lib/testing/together.setup.ts",
    },
  },
  { ...common, test: { ...test, root, name: `${name}-alone`, exclude: [...exclude, ...together] } },
];

const integration = {
  ...patience,
  globalSetup: "lib/testing/postgres.setup.ts",
  hookTimeout: 60_000,
  maxWorkers: 2,
};

/** `*.test.ts` is pure and fast; `*.db.test.ts` has a real PostgreSQL; `*.system.test.ts` starts processes. */
export default defineConfig({
  root,
  test: {
    projects: [
      ...twice({
        ...patience,
        name: "unit",
        include: ["{lib,db,inngest,app,components}/**/*.test.ts"],
        exclude: ["**/*.db.test.ts", "**/*.system.test.ts"],
        maxWorkers: "100%",
      }),
      ...twice({
        ...integration,
        name: "integration",
        include: ["{lib,db,inngest,app,components}/**/*.db.test.ts"],
      }),
      // The suites of the SQL that is written by hand once more, through Neon's driver.
      ...twice({
        ...integration,
        name: "neon",
        include: [
          "{db,inngest}/**/*.db.test.ts",
          "lib/{inbox,execution,live}/**/*.db.test.ts",
          "lib/domain/{message,run,workflow,project}/**/*.db.test.ts",
        ],
        // Load and crashes of several engines, which are the engine's matter and take a minute; and what `pg` does alone.
        exclude: ["inngest/embedded/shared-work.db.test.ts", "db/{drift,migrate,pooler}.db.test.ts"],
      }),
      {
        ...common,
        test: {
          ...patience,
          name: "system",
          root,
          include: ["{lib,db,inngest,app,components}/**/*.system.test.ts"],
          globalSetup: "lib/testing/postgres.setup.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
});
