import fs from "node:fs";
import path from "node:path";

/** What changes things that every other file in the same process would see, and which of our helpers do. */
const changes = [
  /\bvi\.(mock|doMock|resetModules|stub\w+|useFakeTimers|setSystemTime|spyOn)\b/,
  /\bprocess\.(on|once|chdir)\b|\bDate\.now =/,
  /\bdelete process\.env\b|\bprocess\.env\b(?!\.\w+ *(\?\?|[,;)]))|\bglobalThis\b|\bneon(Config|Proxy)\b/,
  /\b(ownTestDatabase|ownDatabase|migratedDatabase|processDatabase)\b/,
  /"(@\/lib\/testing|\.)\/(clock|api\/(runner|token-server|walk|world))"/,
];

/**
 * The test files below `dirs`, as patterns: those that need a process of their own, and the others, which share one by turns.
 * What they import is loaded, compiled and warm once then, which is half of what most of them take.
 */
export function testFiles(root: string, dirs: string[]): Record<"alone" | "together", string[]> {
  const found = { alone: [] as string[], together: [] as string[] };
  for (const dir of dirs)
    for (const name of fs.readdirSync(path.join(root, dir), { recursive: true, encoding: "utf8" }).sort()) {
      if (!name.endsWith(".test.ts")) continue;
      const text = fs.readFileSync(path.join(root, dir, name), "utf8");
      const isAlone = changes.some((one) => one.test(text));
      found[isAlone ? "alone" : "together"].push(path.join(dir, name).replace(/[[\](){}*?!]/g, "\\$&"));
    }
  return found;
}
