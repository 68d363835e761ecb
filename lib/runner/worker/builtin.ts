import process from "node:process";

export type Module = Record<string, unknown>;

const loadedBuiltins = new Map<string, unknown>();

/** A module of the runtime, loaded when first wanted: static imports would double the time a worker takes to boot. */
export function builtin<T = Module>(name: string): T {
  const known = loadedBuiltins.get(name) ?? load(name);
  loadedBuiltins.set(name, known);
  return known as T;
}

function load<T>(name: string): T {
  const loaded = process.getBuiltinModule(`node:${name}`) as unknown as { default?: T };
  return loaded.default ?? (loaded as T);
}

export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** An error with a `code`, as the runtime's own modules throw. */
export function coded(code: string, message: string, more: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}
