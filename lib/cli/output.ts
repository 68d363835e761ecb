import { inspect } from "node:util";
import { printable } from "./printable";

export const logLevels = ["none", "default", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

type Kind = "always" | "success" | "info" | "debug" | "warn" | "error";

/** After OpenFn's command line. */
const icons: Record<Kind, string> = {
  always: "♦",
  success: "♦",
  info: "ℹ",
  debug: "❯",
  warn: "⚠",
  error: "✘",
};
const colours: Partial<Record<Kind, number>> = { success: 32, debug: 90, warn: 33, error: 31 };
const least: Record<Kind, LogLevel> = {
  always: "default",
  success: "default",
  warn: "default",
  info: "info",
  debug: "debug",
  error: "none",
};

export type Stream = { write(text: string): unknown; isTTY?: boolean; columns?: number };

export type OutputOptions = {
  stdout: Stream;
  stderr: Stream;
  /** `NO_COLOR` and `FORCE_COLOR` are obeyed. */
  env: Readonly<Record<string, string | undefined>>;
  level?: LogLevel;
  /** Each line of the log as one JSON object. */
  logJson?: boolean;
  /** Standard output is for one JSON result alone: the log goes to standard error. */
  json?: boolean;
};

/** What a command says: a log with OpenFn's marks, plain lines, and at most one result as JSON. */
export class Output {
  readonly isJson: boolean;
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.isJson = options.json === true;
  }

  /** Columns of the terminal; 80 where there is none. */
  get width(): number {
    return Math.max(40, Math.min(this.#options.stdout.columns ?? 80, 120));
  }

  always = (text: string): void => this.#log("always", text);
  success = (text: string): void => this.#log("success", text);
  /** Shown with `--log info`. */
  info = (text: string): void => this.#log("info", text);
  /** Shown with `--log debug`. */
  debug = (text: string, value?: unknown): void =>
    this.#log("debug", value === undefined ? text : `${text} ${inspect(value, { depth: 8 })}`);
  warn = (text: string): void => this.#log("warn", text);
  /** What went wrong, and below it what to do next. */
  error(text: string, next?: string): void {
    this.#log("error", text);
    if (next === undefined || this.#options.level === "none") return;
    if (this.#options.logJson) this.#log("error", next);
    else this.#options.stderr.write(`      ${shown(next).replaceAll("\n", "\n      ")}\n`);
  }

  /** A line without a mark. Part of the log: with `--json` it goes to standard error. */
  line(text = ""): void {
    if (!this.#shows("default")) return;
    if (this.#options.logJson) this.#log("always", text);
    else (this.isJson ? this.#options.stderr : this.#options.stdout).write(`${shown(text)}\n`);
  }

  /** A line beside the result: on standard error, whatever the log is. */
  note(text: string): void {
    if (this.#shows("default")) this.#options.stderr.write(`${shown(text)}\n`);
  }

  /** A line that a job or its surroundings wrote, on standard error, with where it came from in place of `CLI`. */
  logLine(source: string, level: "debug" | "info" | "success" | "warn" | "error", text: string): void {
    const needed = level === "debug" ? "debug" : level === "error" ? "none" : "default";
    if (this.#shows(needed)) this.#write(this.#options.stderr, source, level, text);
  }

  /** The result itself, on standard output whatever the log is: byte for byte, but for what would command a terminal. */
  print(text: string): void {
    const said = this.#options.stdout.isTTY ? shown(text) : text;
    this.#options.stdout.write(said.endsWith("\n") ? said : `${said}\n`);
  }

  /** The result of a command with `--json`; nothing without it. */
  result(value: unknown): void {
    if (this.isJson) this.#options.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Whether what is printed here may have a terminal's colours. */
  get hasColours(): boolean {
    return this.#hasColours(this.isJson ? this.#options.stderr : this.#options.stdout);
  }

  /** `text` in one of the terminal's colours, where standard output is to have them. */
  coloured(text: string, colour: "red" | "green" | "yellow" | "grey" | "bold"): string {
    const code = { red: 31, green: 32, yellow: 33, grey: 90, bold: 1 }[colour];
    return this.#hasColours(this.#options.stdout) ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  #shows(needed: LogLevel): boolean {
    return logLevels.indexOf(this.#options.level ?? "default") >= logLevels.indexOf(needed);
  }

  #log(kind: Kind, text: string): void {
    if (!this.#shows(least[kind])) return;
    const { stdout, stderr } = this.#options;
    this.#write(this.isJson || kind === "error" || kind === "warn" ? stderr : stdout, "CLI", kind, text);
  }

  #write(stream: Stream, name: string, kind: Kind, text: string): void {
    if (this.#options.logJson) {
      const line = { level: kind, name, message: [text], time: new Date().toISOString() };
      stream.write(`${JSON.stringify(line)}\n`);
      return;
    }
    const colour = colours[kind];
    const paints = this.#hasColours(stream);
    const paint = (part: string, code: number | undefined) =>
      paints && code !== undefined ? `\u001b[${code}m${part}\u001b[0m` : part;
    stream.write(`${paint(`[${name}]`, 34)} ${paint(icons[kind], colour)} ${shown(text)}\n`);
  }

  #hasColours(stream: Stream): boolean {
    const { NO_COLOR, FORCE_COLOR } = this.#options.env;
    if (NO_COLOR) return false;
    if (FORCE_COLOR && FORCE_COLOR !== "0") return true;
    return stream.isTTY === true;
  }
}

/** What is in colours here, and so is let through: bold and the sixteen colours of letters, nothing that hides or moves. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const colourCode = /(\u001b\[(?:0|1|22|3[0-79]|9[0-7])m)/;

/** Names and texts are other people's: signs that would command the terminal are shown and not obeyed. */
const shown = (text: string): string =>
  text
    .split(colourCode)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join("");
