/** OpenFn's CLI may keep a token in its config.json: that stays where it is. */
export const withoutToken = (path: string, text: string): string =>
  /config\.jsonc?$/i.test(path)
    ? text.replace(/("?api_?key"?\s*:\s*)("(?:[^"\\]|\\.)*"|'[^']*')/gi, '$1""')
    : text;

/** Paths without the folder that all of them are in: its name is the repository's, not a part of the project. */
export function fromTop(files: Record<string, string>): Record<string, string> {
  const paths = Object.keys(files);
  const [top] = paths[0]?.split("/") ?? [];
  const isCommon = top !== undefined && !isProjects(top) && paths.every((path) => path.startsWith(`${top}/`));
  if (!isCommon) return files;
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path.slice(top.length + 1), text]));
}

/** The folder that OpenFn's tools keep whole projects in is a part of what they read. */
const isProjects = (folder: string): boolean => folder === ".projects";
