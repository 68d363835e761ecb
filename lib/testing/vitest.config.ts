import path from "node:path";
import { defineConfig } from "vitest/config";

const root = path.resolve(import.meta.dirname, "../..");
const alias = { "@": root, "server-only": path.join(root, "lib/testing/empty.ts") };

/** `*.test.ts` is pure and fast; `*.db.test.ts` has a real PostgreSQL; `*.system.test.ts` starts processes. */
export default defineConfig({
  root,
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          root,
          include: ["{lib,db,inngest,app,components}/**/*.test.ts"],
          exclude: ["**/*.db.test.ts", "**/*.system.test.ts"],
        },
      },
      {
        resolve: { alias },
        test: {
          name: "integration",
          root,
          include: ["{lib,db,inngest,app,components}/**/*.db.test.ts"],
          globalSetup: "lib/testing/postgres.setup.ts",
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        resolve: { alias },
        test: {
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
