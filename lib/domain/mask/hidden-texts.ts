/** What stands in the place of what is masked. */
export const masked = "•••";

/** Shorter ones turn up by chance in everything: they are masked where a path leads, and nowhere else. */
export const minChars = 4;
/** Longer texts are looked for piece by piece, so that what is looked up is short. */
const pieceChars = 48;
/** Beyond these nobody can say what a text must not hold, and it is masked whole. */
const most = { texts: 5_000, chars: 500_000 } as const;
/** Words of JSON, which data is full of. */
const plain = new Set(["true", "false", "null", "undefined", "none"]);
/** Whatever is cut, is cut behind this much. */
const uncutChars = 100;

/** Texts that a role must not see, and how they are taken out of others. */
export type HiddenTexts = {
  /** A line, an error, a name: without them, in whatever spelling logs and URLs give them. */
  text(value: string): string;
  /** Whether it is one of them, however short. */
  has(value: string): boolean;
  /** How many characters are kept of them. */
  chars: number;
};

/** Of which nothing is known: whatever could hold something is masked whole. */
export const everything: HiddenTexts = {
  text: (value) => (value === "" ? "" : masked),
  has: () => true,
  chars: 0,
};

/** Nothing is masked. */
export const nothing: HiddenTexts = { text: (value) => value, has: () => false, chars: 0 };

/**
 * What hides these texts. Small letters and capitals are the same, and so are a text and what JSON, URLs, HTML and base64
 * make of it; of several lines each is hidden by itself. `everything` when they are more than can be looked for.
 */
export function hiddenTexts(values: Iterable<string>): HiddenTexts {
  const whole = new Set<string>();
  const patterns = new Set<string>();
  let chars = 0;
  for (const value of values) {
    const text = folded(value.trim());
    if (text === "" || plain.has(text) || whole.has(text)) continue;
    whole.add(text);
    if (whole.size > most.texts) return everything;
    for (const form of formsOf(value))
      for (const piece of piecesOf(folded(form))) {
        if (!patterns.has(piece)) chars += piece.length;
        patterns.add(piece);
      }
    if (chars > most.chars) return everything;
  }
  return whole.size === 0 ? nothing : new Patterns(whole, patterns, chars);
}

class Patterns implements HiddenTexts {
  /** Lengths, longest first, by the first characters. */
  readonly #lengths = new Map<string, number[]>();
  /** Which pairs of characters one begins with: most places of a text are told by it. */
  readonly #pairs = new Uint8Array(65_536);
  readonly #sorted: string[];

  constructor(
    readonly whole: ReadonlySet<string>,
    readonly patterns: ReadonlySet<string>,
    readonly chars: number,
  ) {
    const lengths = new Map<string, Set<number>>();
    for (const pattern of patterns) {
      this.#pairs[pairOf(pattern, 0)] = 1;
      const start = pattern.slice(0, minChars);
      lengths.set(start, (lengths.get(start) ?? new Set()).add(pattern.length));
    }
    for (const [start, found] of lengths)
      this.#lengths.set(
        start,
        [...found].sort((a, b) => b - a),
      );
    this.#sorted = [...patterns].sort();
  }

  has(value: string): boolean {
    return this.whole.has(folded(value.trim()));
  }

  text(value: string): string {
    const text = folded(value);
    const spans: [number, number][] = [];
    for (let at = 0; at + minChars <= text.length; at++) {
      if (this.#pairs[pairOf(text, at)] === 0) continue;
      const length = this.#lengths
        .get(text.slice(at, at + minChars))
        ?.find((one) => this.patterns.has(text.slice(at, at + one)));
      if (length !== undefined) spans.push([at, at + length]);
    }
    for (const end of cutsOf(text)) {
      const start = this.#beginningBefore(text, end);
      if (start < end) spans.push([start, end]);
    }
    return spans.length === 0 ? value : without(value, spans);
  }

  /** Where the beginning of a hidden text starts that was cut at `end`. */
  #beginningBefore(text: string, end: number): number {
    for (let start = Math.max(0, end - pieceChars); start + minChars <= end; start++)
      if (this.#isBeginning(text.slice(start, end))) return start;
    return end;
  }

  #isBeginning(part: string): boolean {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? "") < part) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low]?.startsWith(part) ?? false;
  }
}

const pairOf = (text: string, at: number): number =>
  (text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) & 0xffff;

/** Where a text may have been cut: at its end, and before each sign that says so. */
function cutsOf(text: string): number[] {
  const cuts = [...text.matchAll(/\u2026|\.\.\. ?\[?truncated/g)].map(({ index }) => index);
  return text.length >= uncutChars ? [...cuts, text.length] : cuts;
}

function without(value: string, spans: [number, number][]): string {
  let out = "";
  let copied = 0;
  for (const [start, end] of spans.sort(([a], [b]) => a - b)) {
    if (start > copied || copied === 0) out += value.slice(copied, Math.max(copied, start)) + masked;
    copied = Math.max(copied, end);
  }
  return out + value.slice(copied);
}

/** In small letters, each character in its place, whatever stands beside it. */
function folded(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text.toLowerCase();
  let small = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at).toLowerCase();
    small += char.length === 1 ? char : text.charAt(at);
  }
  return small;
}

/** The spellings in which a text turns up elsewhere. */
function formsOf(value: string): string[] {
  const text = value.toWellFormed().trim();
  const lines = text.includes("\n") ? text.split(/\r?\n/).map((line) => line.trim()) : [];
  return [text, text.replace(/\s+/g, " "), ...lines].flatMap((one) => {
    const json = JSON.stringify(one).slice(1, -1);
    const url = encodeURIComponent(one);
    return [
      ...[
        one,
        one.normalize("NFC"),
        one.normalize("NFD"),
        json,
        JSON.stringify(json).slice(1, -1),
        ascii(json),
      ],
      ...[
        url,
        url.replaceAll("%20", "+"),
        encodeURI(one),
        html(one),
        html(one).replaceAll("&#39;", "&apos;"),
      ],
      ...base64Of(one),
    ];
  });
}

/** As writers of JSON in ASCII write it. */
const ascii = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const html = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);

/** Where it begins in a longer text changes how its first and last characters are written. */
function base64Of(text: string): string[] {
  const bytes = Buffer.from(text);
  if (bytes.length < 6) return [bytes.toString("base64").replace(/=+$/, "")];
  return [0, 1, 2].flatMap((skip) => {
    const inner = bytes.subarray(skip, skip + Math.floor((bytes.length - skip) / 3) * 3);
    return [inner.toString("base64"), inner.toString("base64url")];
  });
}

function piecesOf(text: string): string[] {
  if (text.length < minChars || plain.has(text)) return [];
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += pieceChars) {
    const isLast = text.length - at - pieceChars < minChars;
    pieces.push(isLast ? text.slice(at) : text.slice(at, at + pieceChars));
    if (isLast) break;
  }
  return pieces;
}
