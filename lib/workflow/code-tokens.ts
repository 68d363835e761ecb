import { tokenizer } from "acorn";

const options = { ecmaVersion: "latest", sourceType: "module", allowHashBang: true } as const;

/**
 * How many words and signs code has, comments left out; counting ends above `most`, and where it cannot be read: the
 * compiler says what is wrong there. Each costs at least a byte, so shorter code is not looked at.
 */
export function codeTokens(code: string, most: number): number {
  if (code.length <= most) return 0;
  let count = 0;
  try {
    for (const _ of tokenizer(code, options)) if (++count > most) break;
  } catch {
    // What does not even fall into tokens is found out when it is compiled.
  }
  return count;
}
