/** What is read of a message: more says nothing more about its cause. */
const maxRead = 2_000;
const maxTitle = 300;

const url = String.raw`(?<url>\bhttps?:\/\/[^\s"'<>()[\]{}\\]+)`;
const email = String.raw`(?<email>[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)`;
/** An apostrophe within a word opens and closes nothing. */
const quoted =
  '(?<text>"[^"]*"|“[^”]*”|„[^“”]*[“”]|‘[^’]*’|«[^»]*»|' +
  "`[^`]*`" +
  String.raw`|(?<![\p{L}\p{N}])'(?:[^']|'(?=[\p{L}\p{N}]))*'(?![\p{L}\p{N}]))`;
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/** A word of letters and digits that no person would write. */
const mixed = String.raw`(?<![\p{L}\p{N}_])(?=[A-Za-z_]*\d)(?=[\d_]*[A-Za-z])(?:[0-9a-f]{8,}|\w{10,})(?![\p{L}\p{N}_])`;
const id = String.raw`(?<id>${uuid}|\b0x[0-9a-f]+\b|${mixed})`;
const months = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?";
const clock = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]m\b)?(?:\s?(?:Z\b|UTC\b|GMT)?(?:[+-]\d{2}:?\d{2})?)?`;
const date =
  `(?<date>\\b(?:\\d{4}-\\d{2}-\\d{2}|\\d{1,4}[./]\\d{1,2}[./]\\d{1,4}` +
  `|(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\\s)?(?:${months}\\s\\d{1,2}(?:,?\\s\\d{4})?|\\d{1,2}\\s${months}(?:\\s\\d{4})?)\\b)(?:[T\\s]${clock})?|\\b${clock})`;
const address = String.raw`(?<address>\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b)`;
/** A status says what went wrong, as a word would. */
const status = String.raw`(?<status>\b(?:status(?:\scode)?|HTTP(?:\/\d(?:\.\d)?)?|returned|responded\swith)[\s:=]{1,2}[1-5]\d\d\b|\b[45]\d\d(?=:?\s(?:Bad|Unauthori[sz]ed|Forbidden|Not|Method|Conflict|Gone|Unprocessable|Too|Internal|Service|Gateway)\b))`;
const number = String.raw`(?<number>(?<![\p{L}\p{N}])[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?|\d+(?:[.,]\d+)*)`;

const anything = new RegExp([url, email, quoted, id, address, status, date, number].join("|"), "giu");

/**
 * What a message says apart from what it says it about: numbers, ids, dates, addresses and quoted texts become `{number}`,
 * `{id}` and so on, so that failures of one cause read the same. Of several lines the first that says something counts.
 */
export function fold(message: string): string {
  const folded = firstLine(message.slice(0, maxRead)).replace(anything, (whole, ...rest) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    if (groups.status !== undefined) return whole;
    if (groups.url !== undefined) return foldUrl(whole);
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    return `{${kind}}`;
  });
  return folded.length > maxTitle ? `${folded.slice(0, maxTitle - 1)}…` : folded;
}

/** A line that only announces the next one is read together with it. */
function firstLine(message: string): string {
  const lines = message
    .split(/[\r\n\u2028\u2029]+/)
    .map((line) => line.replace(/[\s\p{Cc}]+/gu, " ").trim())
    .filter((line) => line !== "");
  const [first = "", second] = lines;
  return first.endsWith(":") && second ? `${first} ${second}` : first;
}

/** Which service it is says something, which record in it does not. */
function foldUrl(whole: string): string {
  const address = whole.replace(/[.,;:!?]+$/, "");
  const [, origin = "", path = "", rest = ""] = /^(https?:\/\/[^/?#]*)([^?#]*)(.*)$/isu.exec(address) ?? [];
  const folded = path.split("/").map((part) => (/\d/.test(part) && !/^v\d+$/.test(part) ? "{id}" : part));
  return `${origin}${folded.join("/")}${rest === "" ? "" : "?…"}${whole.slice(address.length)}`;
}
