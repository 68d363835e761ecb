import type { AnyNode, ImportDeclaration, ImportSpecifier, Program } from "acorn";
import { blank, errorAt, type Job } from "./job";

export const runtimeModule = "@openfn/runtime";
const runtimeExports = new Set(["defer"]);

const moduleName = (name: AnyNode) =>
  name.type === "Identifier" ? name.name : name.type === "Literal" ? String(name.value) : "";

/** Only the step's own adaptor, the one that every job has and the runtime's `defer` can be imported. */
function checkImport(job: Job, node: ImportDeclaration, from: string) {
  if (from === job.adaptor || from === runtimeModule || from === job.also?.adaptor) return;
  const hint = job.adaptor
    ? `A step can import from its own adaptor, ${job.adaptor}, only.`
    : "This step has no adaptor, so it cannot import anything.";
  throw errorAt(job, node.source, "ImportError", `module blacklisted: ${from}`, { hint });
}

const exportsOf = (job: Job, from: string): ReadonlySet<string> =>
  from === job.also?.adaptor ? job.also.exports : job.exports;

function checkName(job: Job, specifier: ImportSpecifier, from: string) {
  const known = from === runtimeModule ? runtimeExports : exportsOf(job, from);
  const name = moduleName(specifier.imported);
  if (name === "default" || known.has(name)) return;
  const message = `The requested module '${from}' does not provide an export named '${name}'`;
  throw errorAt(job, specifier, "SyntaxError", message, {
    hint: "Check the name against the adaptor's operations.",
  });
}

function importText(job: Job, node: ImportDeclaration): string {
  const from = String(node.source.value);
  checkImport(job, node, from);
  const load = `${job.given.load}(${JSON.stringify(from)})`;
  const named: string[] = [];
  let text = "";
  for (const specifier of node.specifiers) {
    if (specifier.type === "ImportNamespaceSpecifier") text += `const ${specifier.local.name}=${load};`;
    else if (specifier.type === "ImportDefaultSpecifier") named.push(`default:${specifier.local.name}`);
    else {
      checkName(job, specifier, from);
      named.push(`${JSON.stringify(moduleName(specifier.imported))}:${specifier.local.name}`);
    }
  }
  return text + (named.length ? `const {${named.join()}}=${load};` : "");
}

function rewriteExport(job: Job, node: Program["body"][number]) {
  if (node.type === "ExportAllDeclaration" || (node.type === "ExportNamedDeclaration" && node.source)) {
    throw errorAt(job, node, "ImportError", "Exports from other modules are not available", {
      hint: "Import the names you need from the adaptor and use them directly.",
    });
  }
  if (node.type === "ExportNamedDeclaration")
    blank(job, node.start, node.declaration?.start ?? node.end, ";");
  if (node.type !== "ExportDefaultDeclaration") return false;
  const { declaration } = node;
  const isNamed = /Declaration$/.test(declaration.type) && "id" in declaration && declaration.id;
  if (isNamed) blank(job, node.start, declaration.start, ";");
  else blank(job, node.start, declaration.start, `;${job.given.operations}.d=`);
  return true;
}

/**
 * Rewrites imports and exports. Returns the text of the imports, whether one of them is of the adaptor that every job has,
 * and whether the user wrote `export default`.
 */
export function rewriteModules(job: Job): { header: string; usesAlso: boolean; hasDefault: boolean } {
  let header = "";
  let usesAlso = false;
  let hasDefault = false;
  for (const node of job.tree.program.body) {
    if (node.type === "ImportDeclaration") {
      header += importText(job, node);
      usesAlso ||= node.source.value === job.also?.adaptor;
      // The semicolon keeps the statements around the import apart.
      blank(job, node.start, node.end, ";");
    } else if (rewriteExport(job, node)) hasDefault = true;
  }
  return { header, usesAlso, hasDefault };
}
