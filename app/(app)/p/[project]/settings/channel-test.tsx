"use client";
import Link from "next/link";
import { api } from "@/components/api";
import { type Outcome, outcomeOf } from "@/components/notices/told-words";
import { useApi } from "@/components/use-api";

type Params = { project: string; channel: string };

const lookMs = 1_000;
const looks = 30;

/** Sends a test to a channel and waits for what comes of it, for half a minute. */
export const useChannelTest = (params: Params) =>
  useApi({
    send: async (): Promise<Outcome> => {
      const { id } = await api("POST /api/projects/[project]/notice-channels/[channel]/test", { params });
      for (let look = 0; look < looks; look++) {
        await new Promise((resolve) => setTimeout(resolve, lookMs));
        const outcome = await soFar(params.project, id);
        if (outcome) return outcome;
      }
      return { isTaken: false, sentence: "The test waits for its turn." };
    },
  });

async function soFar(project: string, id: string): Promise<Outcome | null> {
  const { items } = await api("GET /api/projects/[project]/notices", { params: { project } });
  const notice = items.find((one) => one.id === id);
  return notice ? outcomeOf(notice) : null;
}

type Props = { projectId: string; outcome: Outcome | undefined };

/** What came of a test, read out when it is known. */
export const TestOutcome = ({ projectId, outcome }: Props) => (
  <span role="status" className="text-sm empty:hidden">
    {outcome ? (
      <span data-status={outcome.isTaken ? "success" : "failed"}>
        <span className="text-(--status)">{outcome.sentence}</span>{" "}
        <Link href={`/p/${projectId}/notices`} className="underline underline-offset-2">
          All notices
        </Link>
      </span>
    ) : null}
  </span>
);
