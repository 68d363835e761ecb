import fs from "node:fs/promises";
import path from "node:path";
import { CliFailure, codeOf } from "@/lib/cli/failure";
import { readText } from "@/lib/cli/files";

/** A saved input of a job, and what is to become of it. */
export type Case = {
  /** `<job>/<name>`, as it is listed. */
  id: string;
  /** The job as the folder names it: `<workflow>/<job>`, or a file of code without its ending. */
  job: string;
  /** Without an ending: `<folder>/<name>`. */
  file: string;
  input: string;
  expected: Expected;
};

/** Texts of the files beside the input; null where there is none. */
export type Expected = { output: string | null; error: string | null; requests: string | null };

export const endings = {
  input: ".input.json",
  output: ".output.json",
  error: ".error.json",
  requests: ".requests.json",
} as const;

/** More is no folder of tests: it was meant to be another one. */
const maxCases = 10_000;
const maxDepth = 12;

/**
 * Every `<job>/<name>.input.json` below a folder, in the order of their names. Throws `CliFailure` when the folder is not
 * there, or holds too much.
 */
export async function findCases(folder: string): Promise<Case[]> {
  const files = await inputsIn(folder, "", 0).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
    throw new CliFailure(`There is no folder ${folder}.`, {
      exitCode: 1,
      next: "Put a case into tests/<workflow>/<job>/<name>.input.json, then run `waybill test --update`.",
    });
  });
  if (files.length > maxCases)
    throw new CliFailure(`${folder} holds more than ${maxCases} cases.`, { exitCode: 1 });
  return Promise.all(files.sort().map((file) => readCase(folder, file)));
}

async function inputsIn(folder: string, below: string, depth: number): Promise<string[]> {
  if (depth > maxDepth) return [];
  const found: string[] = [];
  for (const entry of await fs.readdir(path.join(folder, below), { withFileTypes: true })) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await inputsIn(folder, name, depth + 1)));
    else if (entry.name.endsWith(endings.input)) found.push(name);
  }
  return found;
}

async function readCase(folder: string, name: string): Promise<Case> {
  const id = name.slice(0, -endings.input.length);
  const job = path.posix.dirname(id);
  if (job === ".")
    throw new CliFailure(`${path.join(folder, name)} belongs to no job.`, {
      exitCode: 1,
      next: `Put it into ${path.join(folder, "<workflow>", "<job>", name)}.`,
    });
  const file = path.join(folder, id);
  const [input, output, error, requests] = await Promise.all(
    [endings.input, endings.output, endings.error, endings.requests].map((ending) => readText(file + ending)),
  );
  return {
    id,
    job,
    file,
    input: input ?? "",
    expected: { output: output ?? null, error: error ?? null, requests: requests ?? null },
  };
}
