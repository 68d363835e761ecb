import type { PersonKind } from "@/lib/words";

type Info = {
  /** Of one, and of several. */
  one: string;
  many: string;
  /** `always`: with everything else; `asked`: when it is named; `never`: only by hand. */
  wiping: "always" | "asked" | "never";
  /** What wiping does to it, or why it cannot be wiped here. */
  says: string;
};

/** What can hold a person's data, what wiping does to it, and what to do where it does nothing. */
export const personKindInfo: Record<PersonKind, Info> = {
  message: {
    one: "message",
    many: "messages",
    wiping: "always",
    says: "Body, headers, query and path are emptied, and what was made of it with them; its row stays, with its time and its job states.",
  },
  step: {
    one: "step",
    many: "steps",
    wiping: "always",
    says: "Output, log, error and reply are emptied; the step stays, with its state and its times.",
  },
  run: {
    one: "run",
    many: "runs",
    wiping: "always",
    says: "Its error's text and the key of its line are emptied.",
  },
  input: { one: "input of a run", many: "inputs of runs", wiping: "always", says: "It is emptied." },
  saved_input: {
    one: "saved input",
    many: "saved inputs",
    wiping: "asked",
    says: "It is emptied and loses its name. People saved it on purpose, so it has to be asked for.",
  },
  cursor: {
    one: "start of a cron trigger's next run",
    many: "starts of cron triggers' next runs",
    wiping: "asked",
    says: "It is emptied, and the next run begins with the one before it, so it may do again what was done. It has to be asked for.",
  },
  collection_item: {
    one: "item of a collection",
    many: "items of collections",
    wiping: "always",
    says: "It is deleted: jobs that look for it find nothing.",
  },
  refused: {
    one: "refused request",
    many: "refused requests",
    wiping: "always",
    says: "It is deleted; of one that was accepted by hand, what was sent is emptied.",
  },
  issue: {
    one: "issue",
    many: "issues",
    wiping: "always",
    says: "Its title is replaced; count, times and what is affected stay.",
  },
  audit: {
    one: "audit entry",
    many: "audit entries",
    wiping: "always",
    says: "The texts in it that hold a key are replaced; who did what, and when, stays.",
  },
  bulk_act: {
    one: "bulk act",
    many: "bulk acts",
    wiping: "always",
    says: "The texts in its name and filter that hold a key are replaced.",
  },
  notice: {
    one: "notice",
    many: "notices",
    wiping: "always",
    says: "Its subject and its error are replaced. What was sent is where it was sent to.",
  },
  mail: {
    one: "mail on this installation's page",
    many: "mails on this installation's page",
    wiping: "always",
    says: "It is deleted from the page.",
  },
  note: {
    one: "reason",
    many: "reasons",
    wiping: "always",
    says: "The reason that somebody gave is replaced.",
  },
  code: {
    one: "version of code",
    many: "versions of code",
    wiping: "never",
    says: "Somebody wrote it into a workflow or the library. Change it there; versions that ran stay as they are.",
  },
  setting: {
    one: "setting",
    many: "settings",
    wiping: "never",
    says: "Somebody wrote it into the project's settings. Change it there.",
  },
  test: {
    one: "test of a draft",
    many: "tests of drafts",
    wiping: "always",
    says: "It is deleted, with all that its jobs came to.",
  },
};

export const isWipeable = (kind: PersonKind): boolean => personKindInfo[kind].wiping !== "never";

/** "3 messages, 1 step", or "nothing". */
export const countedWords = (counts: readonly { kind: PersonKind; count: number }[]): string =>
  counts.length === 0
    ? "nothing"
    : counts
        .map(
          ({ kind, count }) =>
            `${count.toLocaleString("en")} ${personKindInfo[kind][count === 1 ? "one" : "many"]}`,
        )
        .join(", ");
