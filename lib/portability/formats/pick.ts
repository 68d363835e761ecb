/** A file of a folder, before it is read. */
export type Listed = { path: string; bytes: number };

/** Bigger JSON files are data. */
const maxJsonBytes = 5_000_000;

/**
 * Chooses of a folder's files those that may be a part of a project: so no more than these need to be read and sent.
 * Repositories hold much besides: samples of data, mostly, and what belongs to other tools.
 */
export function pickFiles<T extends Listed>(files: readonly T[]): T[] {
  const own = files.filter(({ path }) => !isOfTools(path));
  const yaml = own.filter(({ path }) => isYaml(path));
  const json = own.filter(({ path, bytes }) => isJson(path) && bytes <= maxJsonBytes);
  const named = json.filter(({ path }) => isNamedAsPart(path));
  const code = own.filter(({ path }) => isCode(path));
  // What an unknown program has exported may be called anything.
  return [...yaml, ...(yaml.length + named.length > 0 ? named : json), ...code];
}

export const isCode = (path: string): boolean => /\.[cm]?js$/i.test(path);
export const isYaml = (path: string): boolean => /\.ya?ml$/i.test(path);
export const isJson = (path: string): boolean => /\.json$/i.test(path);

/** In a folder that begins with a dot, but for OpenFn's own. */
const isOfTools = (path: string): boolean =>
  /(^|[/\\])(node_modules|\.(?!projects[/\\])[^/\\]+)[/\\]/.test(path) ||
  /(^|[/\\])(package(-lock)?|tsconfig|\.prettierrc|\.eslintrc)\.json$/i.test(path);

/** JSON that OpenFn's tools write, by its name. */
const isNamedAsPart = (path: string): boolean => {
  if (/(^|[/\\])workflows[/\\][^/\\]+[/\\][^/\\]+$/.test(path)) return true;
  const [name = ""] = path.toLowerCase().split(/[/\\]/).slice(-1);
  return /^\.?(config|state|projectstate|project|openfn|workflow)|workflow|-(spec|state|config)\.json$/.test(
    name,
  );
};
