import { useMemo } from "react";
import { type TokenKind, tokensOf } from "./tokens";

const colours: Record<NonNullable<TokenKind>, string> = {
  comment: "text-(--code-comment)",
  string: "text-(--code-string)",
  keyword: "text-(--code-keyword)",
  number: "text-(--code-number)",
};

/** Longer code is shown without colours: each coloured piece is an element of the page. */
const colouredCharacters = 100_000;

type Props = {
  code: string;
  /** Accessible name. */
  label: string;
};

/** A job's code to be read. The editor, which weighs as much as the rest of a page, is for those who write. */
export function CodeView({ code, label }: Props) {
  const text = code.replace(/\n$/, "");
  const tokens = useMemo(
    () => (text.length > colouredCharacters ? [{ kind: null, text }] : tokensOf(text)),
    [text],
  );
  const numbers = useMemo(() => text.split("\n").map((_, index) => index + 1), [text]);
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls sideways must be reachable by keyboard
      tabIndex={0}
      className="flex overflow-x-auto bg-card py-1 font-mono text-[12.5px] leading-[1.6] focus-visible:-outline-offset-2"
    >
      <div
        aria-hidden
        className="nums sticky left-0 shrink-0 select-none whitespace-pre border-r bg-card pr-2 pl-3 text-right text-muted-foreground"
      >
        {numbers.join("\n")}
      </div>
      <pre className="min-w-0 px-2">
        <code>
          {tokens.map(({ kind, text }, index) =>
            kind === null ? (
              text
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move
              <span key={index} className={colours[kind]}>
                {text}
              </span>
            ),
          )}
        </code>
      </pre>
    </section>
  );
}
