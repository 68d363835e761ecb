import { buildBuiltins } from "./builtins";
import { workerInspector } from "./inspector";

const outDir = process.argv[2];
if (!outDir) {
  console.error("Say where the adaptors go: node build-builtins.mjs <folder>");
  process.exit(2);
}
await buildBuiltins(outDir, { from: import.meta.url, inspector: workerInspector });
// esbuild's helper process would keep this one alive.
await (await import("esbuild")).stop();
