import fs from "node:fs/promises";
import path from "node:path";
import { limits } from "@/lib/limits";
import { withoutToken } from "@/lib/portability/sendable";
import { CliFailure } from "./failure";
import { readText } from "./files";

/** Belongs to other tools, or is no part of a project. */
const passedBy = new Set(["node_modules", ".git", ".github", ".gitlab", ".idea", ".vscode", "tests"]);
const maxDepth = 12;

/**
 * Texts of the files of a folder that a project may consist of (YAML, JSON, code), by their paths inside it, with `/`.
 * Symbolic links are not followed, and a config is without its token. Throws `CliFailure` when there are more than an import takes.
 */
export async function readFolder(folder: string): Promise<Record<string, string>> {
  const names: string[] = [];
  await collect(folder, "", 0, names);
  if (names.length > limits.importFiles)
    throw new CliFailure(`${folder} holds more than ${limits.importFiles} files of YAML, JSON and code.`, {
      exitCode: 1,
      next: "Run this in the project's own folder.",
    });
  const texts = await Promise.all(names.sort().map((name) => readText(path.join(folder, name))));
  return Object.fromEntries(names.map((name, i) => [name, withoutToken(name, texts[i] ?? "")]));
}

async function collect(folder: string, below: string, depth: number, names: string[]): Promise<void> {
  if (depth > maxDepth || names.length > limits.importFiles) return;
  for (const entry of await fs.readdir(path.join(folder, below), { withFileTypes: true })) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!passedBy.has(entry.name)) await collect(folder, name, depth + 1, names);
    } else if (entry.isFile() && /\.(ya?ml|json|[cm]?js)$/i.test(entry.name)) names.push(name);
  }
}
