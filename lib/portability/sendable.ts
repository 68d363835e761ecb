/** Which files of somebody's folder are sent for an import. Pure: it runs in the browser. */

/** Where tools keep what is theirs, and what is large. */
const skippedFolders = new Set(["node_modules", "__MACOSX", "dist", "build", "tmp"]);
/** Of folders that begin with a dot, the one that OpenFn's tools keep projects in. */
const dotFolder = ".projects";
/** What projects are made of: descriptions, code, and states. */
const ending = /\.(ya?ml|json|jsonc|[cm]?js|ts|txt|md)$/i;

/** Whether a file may be part of a project: texts, no packages, no version control, no secrets such as `.env`. */
export function isSendable(path: string): boolean {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  if (/^package(-lock)?\.json$/i.test(name) || /^\.env/i.test(name)) return false;
  if (folders.some((one) => skippedFolders.has(one) || (one.startsWith(".") && one !== dotFolder)))
    return false;
  return ending.test(name);
}

/** OpenFn's CLI may keep a token in its config.json: that stays where it is. */
export const withoutToken = (path: string, text: string): string =>
  /(^|\/)\.?config\.jsonc?$/i.test(path)
    ? text.replace(/("?api_?key"?\s*:\s*)("(?:[^"\\]|\\.)*"|'[^']*')/gi, '$1""')
    : text;

/** Paths without the folder that all of them are in: its name is the repository's, not a part of the project. */
export function fromTop(files: Record<string, string>): Record<string, string> {
  const paths = Object.keys(files);
  const [top] = paths[0]?.split("/") ?? [];
  const isCommon =
    top !== undefined && top !== dotFolder && paths.every((path) => path.startsWith(`${top}/`));
  if (!isCommon) return files;
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path.slice(top.length + 1), text]));
}
