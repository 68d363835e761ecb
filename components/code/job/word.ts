/** What code can call, with its documentation. */
export type Word = {
  /** As it is written: `get`, `collections.get`. */
  name: string;
  params: { name: string; description: string }[];
  description: string;
  examples?: readonly { caption: string; code: string }[];
  /** Who provides it: an adaptor with its version, or the product. */
  from: string;
};

/** `get(path, options)`; the name alone for what says nothing of its parameters. */
export const signatureOf = ({ name, params, description }: Word): string =>
  params.length === 0 && description === ""
    ? name
    : `${name}(${params.map((param) => param.name).join(", ")})`;
