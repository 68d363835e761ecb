import { buildBuiltins } from "./builtins";

const outDir = process.argv[2];
if (!outDir) {
  console.error("Say where the adaptors go: node build-builtins.mjs <folder>");
  process.exit(2);
}
await buildBuiltins(outDir, import.meta.url);
// esbuild's helper process would keep this one alive.
await (await import("esbuild")).stop();
