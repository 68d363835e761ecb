/** What a piece of code is, as far as colours go; null: nothing in particular. */
export type TokenKind = "comment" | "string" | "keyword" | "number" | null;
export type Token = { kind: TokenKind; text: string };

const keywords = new Set(
  `as async await break case catch class const continue debugger default delete do else export extends false finally for
  from function get if import in instanceof let new null of return set static super switch this throw true try typeof
  undefined var void while with yield`.split(/\s+/),
);

const patterns = [
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/,
  /"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?|`(?:[^`\\]|\\[\s\S])*`?/,
  /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/u,
  /\d[\w.]*/,
];
const next = new RegExp(patterns.map(({ source }) => `(${source})`).join("|"), "gu");

/**
 * Cuts JavaScript into what is coloured and what is not; together they are the code. A reader's eye is served by that: it
 * knows no grammar, so a regular expression with a quote in it colours the rest of its line.
 */
export function tokensOf(code: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  const add = (kind: TokenKind, text: string) => {
    const last = tokens.at(-1);
    if (last && last.kind === kind) last.text += text;
    else if (text) tokens.push({ kind, text });
  };
  for (const match of code.matchAll(next)) {
    const [text, comment, string, word] = match;
    add(null, code.slice(end, match.index));
    end = match.index + text.length;
    const isName = word !== undefined && (!keywords.has(word) || code[match.index - 1] === ".");
    add(comment ? "comment" : string ? "string" : isName ? null : word ? "keyword" : "number", text);
  }
  add(null, code.slice(end));
  return tokens;
}
