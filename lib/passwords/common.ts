let words: Promise<ReadonlySet<string>> | undefined;

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  const lists = [dictionary["passwords-common"], dictionary["diceware-common"]];
  return new Set(lists.flatMap((list) => list ?? []).map((word) => word.toLowerCase()));
}

/**
 * A test for being one of 60,000 common passwords and words, in lower case. They are read when the first password is
 * chosen, and not before: 0.2 s and 10 MB of a process.
 */
export async function commonPasswords(): Promise<(text: string) => boolean> {
  words ??= load();
  const known = await words;
  return (text) => known.has(text);
}
