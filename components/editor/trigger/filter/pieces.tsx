import type { Piece } from "./words";

/** A sentence, with what messages hold as code. */
export function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  return pieces.map((piece, at) =>
    typeof piece === "string" ? (
      piece
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: a sentence's pieces have no other
      <code key={at} className="font-mono text-[12.5px]">
        {piece.code}
      </code>
    ),
  );
}
