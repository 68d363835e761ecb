import { build } from "esbuild";
import { expect, test } from "vitest";

/** Bundles for a browser, which refuses whatever only Node has. */
const bundle = (entry: string) =>
  build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    platform: "browser",
    format: "esm",
    logLevel: "silent",
    tsconfig: "tsconfig.json",
  });

test("the compiler's worker needs nothing of Node, and runs without what Node has given names to", async () => {
  const { outputFiles, metafile } = await bundle("components/code/job/check-worker.ts");
  expect(Object.keys(metafile.inputs).filter((file) => file.startsWith("node:"))).toEqual([]);
  const text = outputFiles[0]?.text ?? "";
  const listeners: ((event: { data: unknown }) => void)[] = [];
  const answers: unknown[] = [];
  const self = {
    addEventListener: (_: string, listener: (event: { data: unknown }) => void) => listeners.push(listener),
    postMessage: (answer: unknown) => answers.push(answer),
  };
  // What Node has and browsers do not is not there: using it would throw.
  const missing = ["Buffer", "process", "global", "require", "module", "setImmediate"];
  new Function("self", ...missing, text)(self);
  const adaptor = { adaptor: "@openfn/language-http", exports: ["get"] };
  listeners[0]?.({ data: { id: 1, source: "gett('ü');\n", options: adaptor } });
  listeners[0]?.({ data: { id: 2, source: "get(", options: adaptor } });
  expect(answers).toMatchObject([
    { id: 1, remarks: [{ message: "gett is not defined", hint: "Did you mean get?" }] },
    { id: 2, remarks: [{ severity: "error", line: 1, column: 5 }] },
  ]);
});

test("what completes, explains and formats needs nothing of Node either", async () => {
  const { metafile } = await bundle("components/code/job/view.ts");
  expect(Object.keys(metafile.inputs).filter((file) => file.startsWith("node:"))).toEqual([]);
});
