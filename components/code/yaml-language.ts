import { StreamLanguage, type StringStream } from "@codemirror/language";

/** What stands in a block (`|`, `>`) is text until a line is indented less. */
type State = { block: number | null; isValue: boolean };

/** YAML as far as colours go: keys, texts, numbers, words and comments. */
export const yamlLanguage = StreamLanguage.define<State>({
  name: "yaml",
  startState: () => ({ block: null, isValue: false }),
  copyState: (state) => ({ ...state }),
  token(stream, state) {
    if (stream.sol()) {
      state.isValue = false;
      if (state.block !== null) {
        const isBlank = /^\s*$/.test(stream.string);
        if (isBlank || stream.indentation() > state.block) {
          stream.skipToEnd();
          return isBlank ? null : "string";
        }
        state.block = null;
      }
    }
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return "comment";
    if (!state.isValue) return keyOrDash(stream, state);
    return value(stream, state);
  },
});

function keyOrDash(stream: StringStream, state: State): string | null {
  if (stream.match(/^(---|\.\.\.)/)) return "meta";
  if (stream.match(/^-(?=\s|$)/)) return "punctuation";
  if (
    stream.match(/^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#:'"][^#:]*?(?:[:#][^\s#:][^#:]*?)*)(?=\s*:(\s|$))/)
  )
    return "propertyName";
  if (stream.match(/^:(?=\s|$)/)) {
    state.isValue = true;
    return "punctuation";
  }
  return value(stream, state);
}

function value(stream: StringStream, state: State): string | null {
  if (stream.match(/^[|>][+-]?\d?[+-]?\s*(#.*)?$/)) {
    state.block = stream.indentation();
    return "keyword";
  }
  if (stream.match(/^("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)/)) return "string";
  if (stream.match(/^(true|false|null|~)(?=\s*(#|,|\}|\]|$))/)) return "bool";
  if (stream.match(/^-?\d+(\.\d+)?(?=\s*(#|,|\}|\]|$))/)) return "number";
  if (stream.match(/^[{}[\],]/)) return "punctuation";
  if (!stream.match(/^[^\s{}[\],#]+/)) stream.next();
  return null;
}
