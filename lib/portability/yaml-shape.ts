import { Lexer } from "yaml";
import { type LimitName, limits } from "@/lib/limits";

/** Marks of the lexer that stand for no text: a document begins, it ends in a flow, a scalar follows. */
const marks = { document: "\u0002", flowEnd: "\u0018", scalar: "\u001f" };

/**
 * The first limit of a project.yaml that a text passes, or null. Only its tokens are looked at, and no more of them than
 * it takes, because parsing costs a hundred times as much. With `shape`, what was counted in other files counts too.
 */
export function passedYamlLimit(text: string, shape = new YamlShape()): LimitName | null {
  shape.begin();
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    if (isScalar) shape.scalar(token);
    else if (token === marks.scalar) {
      isScalar = true;
      continue;
    } else if (token !== marks.document && token !== marks.flowEnd) shape.sign(token);
    isScalar = false;
    const passed = shape.passed();
    if (passed) return passed;
  }
  return null;
}

/** Counts from one token to the next, and from one file to the next. */
export class YamlShape {
  #tokens = 0;
  #entries = 0;
  #aliases = 0;
  #flowLevels = 0;
  /** Columns at which the blocks around the current place begin. */
  readonly #blocks: number[] = [];
  #column = 0;
  /** Where the current node began: the first thing in its line, or behind a sign in it. */
  #nodeColumn = -1;

  /** The next file begins. */
  begin(): void {
    this.#flowLevels = 0;
    this.#blocks.length = 0;
    this.#column = 0;
    this.#nodeColumn = -1;
  }

  passed(): LimitName | null {
    if (this.#entries > limits.yamlEntries) return "yamlEntries";
    if (this.#aliases > limits.yamlAliases) return "yamlAliases";
    if (this.#tokens > limits.yamlTokens) return "yamlTokens";
    return this.#blocks.length + this.#flowLevels > limits.yamlLevels ? "yamlLevels" : null;
  }

  scalar(token: string): void {
    this.#beginNode();
    this.#move(token);
  }

  sign(token: string): void {
    this.#tokens += 1;
    switch (token[0]) {
      case "\n":
      case "\r":
        this.#nodeColumn = -1;
        break;
      case " ":
      case "\t":
        break;
      case "-":
      case "?":
        this.#open(this.#column);
        this.#nodeColumn = -1;
        break;
      case ":":
        this.#beginNode();
        this.#open(this.#nodeColumn);
        break;
      case ",":
        this.#entries += 1;
        break;
      case "[":
      case "{":
        this.#beginNode();
        this.#flowLevels += 1;
        break;
      case "]":
      case "}":
        this.#flowLevels = Math.max(0, this.#flowLevels - 1);
        break;
      case "*":
      case "&":
      case "!":
        this.#beginNode();
        this.#aliases += 1;
    }
    this.#move(token);
  }

  #beginNode(): void {
    if (this.#nodeColumn < 0) this.#nodeColumn = this.#column;
  }

  /** An entry of the block that begins at a column; deeper blocks have ended there. */
  #open(column: number): void {
    this.#entries += 1;
    if (this.#flowLevels > 0) return;
    while ((this.#blocks.at(-1) ?? -1) > column) this.#blocks.pop();
    if (this.#blocks.at(-1) !== column) this.#blocks.push(column);
  }

  #move(token: string): void {
    const lineBreak = token.lastIndexOf("\n");
    this.#column = lineBreak < 0 ? this.#column + token.length : token.length - lineBreak - 1;
  }
}
