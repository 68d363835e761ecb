import fs from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { AdaptorOperation } from "../contract";

const text = z.string().nullish().catch(null);
const tag = z
  .object({ title: z.string(), name: text, description: text })
  .catch({ title: "", name: null, description: null });
const documented = z.object({
  name: z.string(),
  params: z.array(z.string()).catch([]),
  docs: z
    .object({ description: text, tags: z.array(tag).catch([]) })
    .nullish()
    .catch(null),
});
const astSchema = z.object({
  operations: z.array(documented.nullable().catch(null)).catch([]),
  common: z.array(documented.nullable().catch(null)).catch([]),
});

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await fs.readFile(file, "utf8"));
  } catch {
    return null;
  }
}

function describeOperation({ name, params, docs }: z.output<typeof documented>): AdaptorOperation | null {
  const tags = docs?.tags ?? [];
  if (tags.some(({ title }) => title === "private")) return null;
  const about = (param: string) =>
    tags.find((t) => t.title === "param" && t.name === param)?.description ?? "";
  return {
    name,
    description: docs?.description ?? "",
    params: params.map((param) => ({ name: param, description: about(param) })),
  };
}

/** Operations and their docs from `ast.json`; a package without one has none. */
export async function readOperations(packageDir: string): Promise<AdaptorOperation[]> {
  const ast = astSchema.safeParse(await readJson(path.join(packageDir, "ast.json")));
  if (!ast.success) return [];
  const seen = new Set<string>();
  return [...ast.data.operations, ...ast.data.common].flatMap((entry) => {
    const operation = entry && describeOperation(entry);
    if (!operation || seen.has(operation.name)) return [];
    seen.add(operation.name);
    return [operation];
  });
}

/** The JSON schema of the adaptor's credential, or null. */
export const readCredentialSchema = (packageDir: string) =>
  readJson(path.join(packageDir, "configuration-schema.json"));

const manifestSchema = z.object({ name: z.string(), version: z.string() });

/** Name and version as the installed package says. Throws when there is none. */
export const readManifest = async (packageDir: string) =>
  manifestSchema.parse(await readJson(path.join(packageDir, "package.json")));

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ integrity: z.string().optional() })),
});

/** A package's integrity as a lock file has it, or null. */
export function lockedIntegrity(lock: string | null, name: string): string | null {
  if (!lock) return null;
  const parsed = lockSchema.safeParse(JSON.parse(lock));
  return (parsed.success && parsed.data.packages[`node_modules/${name}`]?.integrity) || null;
}
