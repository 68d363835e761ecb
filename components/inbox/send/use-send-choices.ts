"use client";
import { useQuery } from "@tanstack/react-query";
import { api, apiPath, getText } from "@/components/api";
import { proofAt } from "@/components/copy-as/proof";
import { exampleRequest } from "@/components/inbox/example-request";
import { type ExactJson, parseExact } from "@/lib/exact-json";

/** Where a message can go to. */
export type Destination = {
  /** Whose URL it is; null: the project's inbox. */
  triggerId: string | null;
  label: string;
  url: string;
  proof: ReturnType<typeof proofAt>;
};

type Place = { projectId: string; origin: string; inboxUrl: string };
export type SendChoices = {
  destinations: Destination[];
  /** A record that something in the project asks for. */
  body: string;
};

const most = 200;

/** The project's URLs, and a message that one of its filters takes; asked for when it is wanted. */
export function useSendChoices({ projectId, origin, inboxUrl }: Place, isWanted: boolean) {
  return useQuery({
    queryKey: ["send-choices", projectId],
    queryFn: async ({ signal }): Promise<SendChoices> => {
      const params = { project: projectId };
      const [{ items: workflows }, { items: methods }] = await Promise.all([
        api("GET /api/projects/[project]/workflows", { params, query: { limit: most }, signal }),
        api("GET /api/projects/[project]/auth-methods", { params, query: { limit: most }, signal }),
      ]);
      const webhooks = workflows.flatMap(({ name, triggers }) =>
        triggers.flatMap(({ id, type, enabled }) =>
          type === "webhook" && enabled ? [{ id, label: `Webhook of ${name}` }] : [],
        ),
      );
      const filtering = workflows.find(({ triggers }) =>
        triggers.some(({ type, enabled }) => type === "message_filter" && enabled),
      );
      const trigger = filtering && (await filterOf(projectId, filtering.id, signal));
      return {
        destinations: [
          { triggerId: null, label: "The project's inbox", url: inboxUrl, proof: proofAt(methods, null) },
          ...webhooks.map(({ id, label }) => ({
            ...{ triggerId: id, label, url: `${origin}/i/${id}` },
            proof: proofAt(methods, id),
          })),
        ],
        body: exampleRequest({ origin, inboxUrl, trigger }).body,
      };
    },
    enabled: isWanted,
    staleTime: 0,
  });
}

type Filter = { id: string; type: "message_filter"; enabled: boolean; inclusion: ExactJson };

/** The first filter of a workflow that is switched on, in exact decimals. */
async function filterOf(projectId: string, id: string, signal: AbortSignal): Promise<Filter | undefined> {
  const text = await getText(
    apiPath("/api/projects/[project]/workflows/[id]", { project: projectId, id }),
    signal,
  );
  const { graph } = parseExact(text) as unknown as { graph: { triggers: Filter[] } };
  return graph.triggers.find(({ type, enabled }) => type === "message_filter" && enabled);
}
