import { parseExpressionAt, tokenizer } from "acorn";
import { unknownName } from "./expression-names";

const options = { ecmaVersion: "latest" } as const;

/**
 * Returns why a text is not one JavaScript expression over `state`, in V8's words for the common case, or null when it
 * is.
 */
export function expressionProblem(source: string): string | null {
  if (source.trim() === "") return "the expression is empty";
  try {
    const expression = parseExpressionAt(source, 0, options);
    const { end } = expression;
    const rest = tokenizer(source.slice(end), options).getToken();
    return rest.type.label === "eof"
      ? unknownName(expression)
      : `Unexpected token '${source.slice(end + rest.start, end + rest.end)}'`;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = "pos" in error && typeof error.pos === "number" ? source.charAt(error.pos) : "";
    const text = error.message.replace(/ \(\d+:\d+\)$/, "");
    return text === "Unexpected token" && at !== "" ? `${text} '${at}'` : text;
  }
}
