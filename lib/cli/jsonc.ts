/** Where and why a text is no JSON. */
export class JsoncError extends Error {
  override readonly name = "JsoncError";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** JSON with comments and trailing commas, as the config file of OpenFn's documentation is. Throws `JsoncError`. */
export function parseJsonc(text: string): unknown {
  const bare = withoutTrailingCommas(withoutComments(text.replace(/^\ufeff/, " ")));
  try {
    return JSON.parse(bare);
  } catch (error) {
    throw new JsoncError(String(error instanceof Error ? error.message : error), lineOfMistake(bare));
  }
}

const token = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** Blanks instead of comments: every sign stays where it was. */
const withoutComments = (text: string) =>
  text.replace(token, (found) => (found.startsWith('"') ? found : found.replace(/[^\n]/g, " ")));

const withoutTrailingCommas = (text: string) =>
  text.replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, (found) => (found === "," ? " " : found));

const lexeme = /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/y;

const space = /\s*/y;

/** What may come next in JSON, by what came last: enough to find the first sign that may not. */
const following: Record<string, RegExp> = {
  start: /^["\d{[tfn-]/,
  ":": /^["\d{[tfn-]/,
  "[": /^["\d{[\]tfn-]/,
  "[,": /^["\d{[tfn-]/,
  "{": /^["}]/,
  "{,": /^"/,
  key: /^:/,
  "{value": /^[,}]/,
  "[value": /^[,\]]/,
  value: /^$/,
};

/** The line of the first sign that JSON cannot have there. Engines do not say it of every mistake. */
function lineOfMistake(text: string): number {
  const open: string[] = [];
  let last = "start";
  let at = 0;
  while (at < text.length) {
    space.lastIndex = at;
    at += space.exec(text)?.[0].length ?? 0;
    lexeme.lastIndex = at;
    const found = lexeme.exec(text)?.[0];
    if (found === undefined || !following[last]?.test(found)) break;
    at += found.length;
    if (found === "{" || found === "[") {
      open.push(found);
      last = found;
      continue;
    }
    if (found === ":") last = ":";
    else if (found === ",") last = `${open.at(-1) ?? ""},`;
    else if (last === "{" || last === "{,") last = found === "}" ? closed(open) : "key";
    else if (found === "}" || found === "]") last = closed(open);
    else last = `${open.at(-1) ?? ""}value`;
  }
  // At the end of the text it is its last line that lacks something.
  return (at >= text.length ? text.trimEnd() : text.slice(0, at)).split("\n").length;
}

function closed(open: string[]): string {
  open.pop();
  return `${open.at(-1) ?? ""}value`;
}
