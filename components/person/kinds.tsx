"use client";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { PersonDetail } from "@/lib/domain/person/schemas";
import { ItemList } from "./item-list";

type Kind = PersonDetail["kinds"][number];
type Props = {
  projectId: string;
  request: PersonDetail;
  left: ReadonlySet<number>;
  onLeave: (seq: number, isLeft: boolean) => void;
};

/** What holds the person's data, by kind; each opens into its things. */
export function Kinds({ projectId, request, left, onLeave }: Props) {
  if (request.kinds.length === 0) return null;
  return (
    <section aria-labelledby="what" className="grid gap-2.5">
      <h2 id="what" className="font-semibold text-base">
        What holds their data
      </h2>
      <ul className="grid gap-2.5">
        {request.kinds.map((kind) => (
          <li key={kind.kind} className="overflow-hidden rounded-lg border bg-card">
            <OneKind {...{ projectId, request, kind, left, onLeave }} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function OneKind({ projectId, request, kind, left, onLeave }: Props & { kind: Kind }) {
  const [isOpen, setOpen] = useState(false);
  const canChoose = request.state === "found" && kind.canBeWiped;
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex w-full items-start gap-2.5 px-4 py-3 text-left hover:bg-muted/50"
      >
        <ChevronRight
          aria-hidden
          className={`mt-0.5 size-4 shrink-0 transition-transform ${isOpen ? "rotate-90" : ""}`}
        />
        <span className="grid min-w-0 gap-0.5">
          <span className="font-medium">
            <span className="nums">{kind.count.toLocaleString("en")}</span> {kind.name}
            {kind.count > kind.found ? (
              <span className="font-normal text-muted-foreground">
                , {(kind.count - kind.found).toLocaleString("en")} of these made of what holds a key
              </span>
            ) : null}
            {kind.wiped > 0 ? (
              <span className="font-normal text-muted-foreground">
                , {kind.wiped.toLocaleString("en")} wiped
              </span>
            ) : null}
          </span>
          <span className="text-muted-foreground text-xs leading-relaxed">{kind.says}</span>
        </span>
      </button>
      {isOpen ? (
        <ItemList
          projectId={projectId}
          requestId={request.id}
          kind={kind.kind}
          left={canChoose ? left : null}
          onLeave={onLeave}
        />
      ) : null}
    </>
  );
}
