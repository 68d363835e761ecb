/** One third-party package of an adaptor, compiled by the worker only when the adaptor's code first needs it. */
export type ArtefactChunk = {
  /** What the own code calls it in `require(...)`: `dep:` and its path below node_modules. */
  key: string;
  code: string;
  /** V8 code cache made by `inspectArtefact`. Bound to the exact runtime and flags; never taken from elsewhere. */
  cache?: Uint8Array;
};

/**
 * An adaptor as a worker loads it. `own` and the chunks are CommonJS texts: `module`, `exports`, `require`, `process`,
 * `console`, `Function`, `fetch`, `global`, `Buffer`, `__filename`, `__dirname` and `__lazy` are given to them.
 * `__lazy(() => require("dep:x"))` is a stand-in that loads x on first use.
 */
export type Artefact = {
  /** Package name, e.g. `@openfn/language-http`. */
  name: string;
  /** Exact. */
  version: string;
  /** Names the adaptor exports, without `default`. */
  exports: string[];
  /** All `@openfn/*` code in one text. */
  own: string;
  chunks: ArtefactChunk[];
  /** Keys of chunks worth loading before the first step, e.g. undici of language-http. */
  warm: string[];
  /** SHA-256 of names, texts and version, without caches: what the store files it under. */
  hash: string;
};

/** The runtime and flags a code cache is good for: an artefact store keeps caches beside this key and drops others. */
export type ArtefactInspection = { exports: string[]; caches: Record<string, Uint8Array>; cacheKey: string };
