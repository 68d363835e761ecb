/** A member of a value: a key of an object, or an index of a list. */
export type Step = string | number;

/** `state.data.pati|`: what stands before the cursor. */
export type MemberPath = {
  root: string;
  /** Where the root begins. */
  start: number;
  /** The complete steps between the root and what is being written. */
  path: Step[];
  /** What is written of the last step, from `from` on. */
  partial: string;
  from: number;
  /** Where the dot or the bracket of the last step is, which a key in brackets replaces. */
  mark: number;
  form: "dot" | "bracket" | "quoted";
  quote: '"' | "'" | null;
};

const isNamePart = (char: string | undefined): boolean =>
  char !== undefined && /[\w$\u0080-\uffff]/.test(char);

/** No path of a person's code is longer. */
const mostChars = 2_000;
const mostSteps = 100;

/**
 * Reads the member expression that ends at `to` backwards: `state.data.`, `$.data?.items[0].na`, `s.data["post`. Null where
 * there is none, and where a step is neither a name nor a literal (`state[key].`).
 */
export function memberPathBefore(text: string, to = text.length): MemberPath | null {
  const reader = new Backwards(text, to);
  const last = reader.unfinished();
  return last && reader.whole(last);
}

type Unfinished = Pick<MemberPath, "partial" | "from" | "mark" | "form" | "quote">;

class Backwards {
  readonly #text: string;
  readonly #least: number;
  #at: number;

  constructor(text: string, to: number) {
    this.#text = text;
    this.#at = to;
    this.#least = Math.max(0, to - mostChars);
  }

  /** The step that is being written, with its dot or bracket. */
  unfinished(): Unfinished | null {
    const end = this.#at;
    return this.#inQuotes(end) ?? this.#plain(end);
  }

  #plain(end: number): Unfinished | null {
    this.#at = end;
    const partial = this.#name();
    if (partial !== "" && !/^\d/.test(partial)) {
      const mark = this.#dot();
      return mark === null ? null : { partial, from: end - partial.length, mark, form: "dot", quote: null };
    }
    if (partial !== "") return this.#take("[") ? this.#inBrackets(partial, end, "bracket", null) : null;
    const mark = this.#dot();
    if (mark !== null) return { partial, from: end, mark, form: "dot", quote: null };
    return this.#take("[") ? this.#inBrackets("", end, "bracket", null) : null;
  }

  #inBrackets(partial: string, end: number, form: "bracket" | "quoted", quote: '"' | "'" | null): Unfinished {
    return { partial, from: end - partial.length, mark: this.#at, form, quote };
  }

  #inQuotes(end: number): Unfinished | null {
    let at = end;
    while (at > this.#least && !/["'\n\\]/.test(this.#text.charAt(at - 1))) at -= 1;
    const quote = this.#text.charAt(at - 1);
    if (quote !== '"' && quote !== "'") return null;
    this.#at = at - 1;
    return this.#take("[") ? this.#inBrackets(this.#text.slice(at, end), end, "quoted", quote) : null;
  }

  whole(last: Unfinished): MemberPath | null {
    const path: Step[] = [];
    while (path.length < mostSteps) {
      this.#space();
      const step = this.#bracket();
      if (step === null) return null;
      if (step !== undefined) {
        path.unshift(step);
        // `state.data?.[0]`
        if (this.#text.slice(this.#at - 2, this.#at) === "?.") this.#at -= 2;
        continue;
      }
      const name = this.#name();
      if (name === "" || /^\d/.test(name)) return null;
      const start = this.#at;
      if (this.#dot() === null)
        return isRoot(this.#text, start) ? { ...last, root: name, start, path } : null;
      path.unshift(name);
    }
    return null;
  }

  /** A bracket with a literal; undefined where there is no bracket, null where something else is in it. */
  #bracket(): Step | null | undefined {
    if (this.#text.charAt(this.#at - 1) !== "]") return undefined;
    const open = this.#text.lastIndexOf("[", this.#at - 1);
    if (open < this.#least) return null;
    const inner = this.#text.slice(open + 1, this.#at - 1).trim();
    this.#at = open;
    if (/^\d{1,9}$/.test(inner)) return Number(inner);
    const [, quoted] = /^(["'])((?:(?!\1)[^\\\n])*)\1$/.exec(inner) ? [null, inner.slice(1, -1)] : [];
    return quoted ?? null;
  }

  /** Passes `.` or `?.` with the white space around; where it was, or null where there is none and nothing is passed. */
  #dot(): number | null {
    const before = this.#at;
    this.#space();
    // Three of them spread a value.
    if (this.#text.slice(this.#at - 3, this.#at) === "..." || !this.#take(".")) {
      this.#at = before;
      return null;
    }
    this.#take("?");
    const mark = this.#at;
    this.#space();
    return mark;
  }

  #name(): string {
    const end = this.#at;
    while (this.#at > this.#least && isNamePart(this.#text[this.#at - 1])) this.#at -= 1;
    return this.#text.slice(this.#at, end);
  }

  #take(char: string): boolean {
    if (this.#at <= this.#least || this.#text[this.#at - 1] !== char) return false;
    this.#at -= 1;
    return true;
  }

  #space(): void {
    while (this.#at > this.#least && /\s/.test(this.#text.charAt(this.#at - 1))) this.#at -= 1;
  }
}

/** Not the end of a call's result or of something in brackets: `f().data` has no root. */
const isRoot = (text: string, start: number): boolean => {
  const before = text.slice(Math.max(0, start - 200), start).trimEnd();
  return before.endsWith("...") || !/[.)\]]$/.test(before);
};
