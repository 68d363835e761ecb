import type { Content, ContentMaker } from "@/lib/domain/notice/contents";
import { env, publicUrl } from "@/lib/env";
import type { Ended } from "./conditions";

type Says = Pick<Content, "subject" | "lead" | "facts" | "todo">;
type Detail = Record<string, unknown>;

/** What is wrong, or was, by the first word of its name. */
const says: Record<string, (detail: Detail, name: string) => Says> = {
  disk: ({ folder, freeBytes }, name) => ({
    subject: "The disk of Waybill is nearly full",
    lead: "When it is full, messages are refused with 503 until there is room.",
    facts: [
      { label: "Machine", value: name.slice("disk:".length) },
      { label: "Folder", value: String(folder) },
      { label: "Free", value: `${Math.round(Number(freeBytes) / 1_000_000).toLocaleString("en")} MB` },
    ],
    todo: "Make room, or shorten how long projects keep what they have.",
  }),
  queue: ({ oldestMinutes, project }) => ({
    subject: "The queue of Waybill stands still",
    lead: `Runs that nothing holds back have waited for ${oldestMinutes} minutes or longer, although an engine lives.`,
    facts: typeof project === "string" ? [{ label: "A project", value: project }] : [],
    todo: "Look at the engine's log. Restarting it loses nothing.",
  }),
  runner: () => ({
    subject: "No runner of Waybill answers",
    lead: "Messages are taken and wait; nothing is run.",
    facts: [],
    todo: "See whether the runner's process lives and can be reached.",
  }),
  runs: ({ ended }) => {
    const all = Array.isArray(ended) ? (ended as Ended[]) : [];
    return {
      subject: `${all.reduce((sum, { runs }) => sum + runs, 0)} runs were lost or could not be executed`,
      lead: "This is Waybill's doing, or its machine's, and not that of a job.",
      facts: all.slice(0, 20).map(({ state, errorType, projectId, runs }) => ({
        label: `${state}${errorType ? ` (${errorType})` : ""}`,
        value: `${runs} of project ${projectId}`,
      })),
      todo: "Look at the logs of engine and runner of that time.",
    };
  },
  notices: ({ unsent }) => ({
    subject: `${unsent} notices could not be sent`,
    lead: "Each was tried for a day, or it is not known whether it arrived. Projects see theirs in the list of notices.",
    facts: [],
    todo: "See whether the mail server takes mails of Waybill.",
  }),
};

/** What the operator is told of the installation. */
export const operatorContent: ContentMaker = {
  async contentOf(_db, { data: { condition, phase, since, detail } }) {
    const name = String(condition);
    const said = says[name.split(":")[0] ?? ""]?.((detail ?? {}) as Detail, name);
    if (!said) return null;
    const isOver = phase === "over";
    return {
      ...said,
      subject: isOver ? `Over: ${said.subject}` : said.subject,
      lead: isOver ? "It is not so any more." : said.lead,
      facts: [...(isOver ? [] : said.facts), { label: "Since", value: String(since) }],
      ...(isOver && { todo: "" }),
      actions: [{ label: "How Waybill does", url: `${publicUrl(env())}/api/health` }],
      stop: null,
    };
  },
};
