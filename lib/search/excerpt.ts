import { fold } from "./fold";
import type { Term } from "./terms";

const before = 12;
const after = 100;
const maxPieces = 3;

type Piece = { start: number; end: number };

/** The places of a text where terms are first, each with what stands around it, as one line. */
export function excerptOf(text: string, terms: readonly Term[]): string {
  // In its composed form, places stay where they are when a text is folded.
  const shown = text.normalize("NFC");
  const folded = fold(shown);
  const found = terms.flatMap((term) => term.find(folded) ?? []).sort((a, b) => a.start - b.start);
  const pieces: Piece[] = [];
  for (const { start, end } of found) {
    const piece = { start: Math.max(0, start - before), end: Math.min(shown.length, end + after) };
    const last = pieces.at(-1);
    if (last && piece.start <= last.end) last.end = Math.max(last.end, piece.end);
    else if (pieces.length < maxPieces) pieces.push(piece);
  }
  const lines = pieces.map(({ start, end }) => oneLine(shown.slice(start, end)));
  const opening = (pieces[0]?.start ?? 0) > 0 ? "…" : "";
  const closing = (pieces.at(-1)?.end ?? 0) < shown.length ? "…" : "";
  return `${opening}${lines.join(" … ")}${closing}`;
}

/** Without the halves of characters that a cut leaves. */
const oneLine = (piece: string): string =>
  piece
    .replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "")
    .replace(/\s+/g, " ")
    .trim();
