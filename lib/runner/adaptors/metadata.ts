import fs from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { AdaptorOperation } from "@/lib/runner/contract";

const maxOperations = 500;
const maxTextChars = 4000;
const maxExamples = 3;
const maxSchemaBytes = 200_000;

const text = z
  .string()
  .transform((value) => value.slice(0, maxTextChars))
  .nullish()
  .catch(null);
const tag = z
  .object({ title: z.string(), name: text, description: text, caption: text })
  .catch({ title: "", name: null, description: null, caption: null });
const documented = z.object({
  name: z.string().max(200),
  params: z.array(z.string().max(200)).max(50).catch([]),
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
    examples: tags
      .flatMap(({ title, description, caption }) =>
        title === "example" && description?.trim()
          ? [{ caption: caption ?? "", code: description.trim() }]
          : [],
      )
      .slice(0, maxExamples),
  };
}

/** Operations and their docs from `ast.json`; a package without one has none. */
export async function readOperations(packageDir: string): Promise<AdaptorOperation[]> {
  const ast = astSchema.safeParse(await readJson(path.join(packageDir, "ast.json")));
  if (!ast.success) return [];
  const seen = new Set<string>();
  return [...ast.data.operations, ...ast.data.common].slice(0, maxOperations).flatMap((entry) => {
    const operation = entry && describeOperation(entry);
    if (!operation || seen.has(operation.name)) return [];
    seen.add(operation.name);
    return [operation];
  });
}

/** The JSON schema of the adaptor's credential, or null. */
export async function readCredentialSchema(packageDir: string): Promise<unknown> {
  const schema = await readJson(path.join(packageDir, "configuration-schema.json"));
  return JSON.stringify(schema).length > maxSchemaBytes ? null : schema;
}

const manifestSchema = z.object({ name: z.string(), version: z.string() });

/** Name and version as the installed package says. Throws when there is none. */
export const readManifest = async (packageDir: string) =>
  manifestSchema.parse(await readJson(path.join(packageDir, "package.json")));
