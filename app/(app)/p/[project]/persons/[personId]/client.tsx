"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { api } from "@/components/api";
import { Kinds } from "@/components/person/kinds";
import { PersonProgress } from "@/components/person/progress";
import { SearchActions } from "@/components/person/search-actions";
import { isUnderWay, titleOf } from "@/components/person/words";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { AbsoluteTime } from "@/components/ui/relative-time";
import type { PersonDetail } from "@/lib/domain/person/schemas";

type Props = { projectId: string; initial: PersonDetail; mayChange: boolean };

const lookMs = 1_000;

/** One search: how far it is, what it found, and what can be done with it. */
export function PersonClient({ projectId, initial, mayChange }: Props) {
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const { data: request } = useQuery({
    queryKey: ["person", projectId, initial.id],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/persons/[person]", {
        params: { project: projectId, person: initial.id },
        signal,
      }),
    initialData: initial,
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? lookMs : false),
  });
  const leave = (seq: number, isLeft: boolean) => {
    const next = new Set(left);
    if (isLeft) next.add(seq);
    else next.delete(seq);
    setLeft(next);
  };
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader
        parent={<Link href={`/p/${projectId}/persons`}>One person's data</Link>}
        title={titleOf(request)}
        actions={<SearchActions {...{ projectId, request, left, mayChange }} />}
      />
      <div className="grid gap-6">
        <PersonProgress request={request} />
        {request.certificateId ? (
          <Button asChild className="justify-self-start">
            <Link href={`/p/${projectId}/persons/certificates/${request.certificateId}`}>Certificate</Link>
          </Button>
        ) : null}
        {request.state === "found" && request.found === 0 ? (
          <p className="leading-relaxed">
            Nothing in this project holds one of these keys. Files within messages that are compressed, such
            as PDF, are not read.
          </p>
        ) : null}
        <Kinds {...{ projectId, request, left }} onLeave={leave} />
        <Recipients request={request} />
        <p className="text-muted-foreground text-xs">
          Asked for by {request.createdBy}, <AbsoluteTime value={request.createdAt} />.
        </p>
      </div>
    </div>
  );
}

function Recipients({ request }: { request: PersonDetail }) {
  if (request.recipients.length === 0) return null;
  return (
    <section aria-labelledby="sent" className="grid gap-2.5">
      <h2 id="sent" className="font-semibold text-base">
        Where jobs sent something of it
      </h2>
      <p className="text-muted-foreground text-sm leading-relaxed">
        What these systems keep, Waybill does not reach: tell whoever runs them.
      </p>
      <ul className="grid divide-y rounded-lg border bg-card">
        {request.recipients.map(({ host, steps }) => (
          <li key={host} className="flex flex-wrap justify-between gap-3 px-4 py-2 text-[13px]">
            <span className="min-w-0 break-all font-mono">{host}</span>
            <span className="nums text-muted-foreground">
              {steps.toLocaleString("en")} {steps === 1 ? "step" : "steps"}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
