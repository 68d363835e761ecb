import { cutAt, type Mark, marksIn } from "@/lib/search/marks";
import type { Term } from "@/lib/search/terms";

/** A text with what was looked for marked in it. */
export const Marked = ({ text, terms }: { text: string; terms: readonly Term[] }) => (
  <MarkedAt text={text} marks={marksIn(text, terms)} />
);

/** A text with these pieces marked. */
export const MarkedAt = ({ text, marks }: { text: string; marks: readonly Mark[] }) => (
  <MarkedParts parts={cutAt(text, marks)} />
);

/** A text in parts, of which the odd ones are marked. */
export const MarkedParts = ({ parts }: { parts: readonly string[] }) => (
  <>
    {parts.map((part, index) =>
      index % 2 === 1 ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text, in order
        <mark key={index} className="rounded-xs bg-accent-soft text-foreground outline-1 outline-accent">
          {part}
        </mark>
      ) : (
        part
      ),
    )}
  </>
);
