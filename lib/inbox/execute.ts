import type { Row } from "@/db/client";
import type { Manner } from "./manner";
import { startStatement, storeStatement } from "./short";
import {
  acceptByRulesStatement,
  acceptOnceStatement,
  acceptStatement,
  type Sent,
  type UrlRules,
} from "./statement";
import type { SignatureMethod, SignatureProblem } from "./verify";

/** What the statement says of a request. */
export type Verdict = {
  verdict:
    | "accepted"
    | "repeat"
    | "again"
    | "found"
    | "hidden"
    | "unauthorized"
    | "signature"
    | "rules"
    | "limited"
    | "disabled"
    | "too_large"
    | "unredactable"
    | "runs_hard_limit"
    | "backlog"
    | "too_many_requests";
  project_id: string;
  via_trigger: boolean;
  message_id: string;
  work_orders: { work_order_id: string; run_id: string | null }[];
  /** With the verdict `too_many_requests`: below 0 by the seconds until the plan has a run left. */
  room?: number | null;
  /** With the verdict `signature`. */
  signatures?: SignatureMethod[] | null;
  manner?: Manner | null;
  /** A GET is a message there, too; the URL was found by its project and custom path. */
  takes_get?: boolean;
  is_by_path?: boolean;
  /** With every verdict but `accepted` and `repeat`: those that the URL has now. */
  rules?: UrlRules | null;
  /** Headers in which the body is signed. */
  signedIn?: string[];
  /** With the verdict `unredactable`, and with `too_large` where it is not the bytes: a sentence for the sender. */
  reason?: string;
  /** The URL asks for credentials. */
  required?: boolean;
  /** With whom the next of that URL had better go: its messages may wait for others of their project, or are counted one by one. */
  company?: "own" | "alone" | null;
  /** With the verdicts `limited` and `backlog`: seconds. */
  retry_after?: number | null;
  /** What is wrong with the signature of a request that is hidden from. */
  problem?: SignatureProblem | null;
};

/** It had no turn: too many wait, or it did not come in time. */
export type Turnless = "full" | "late";

/** Less than this is not worth another statement. Milliseconds. */
export const leastMs = 250;

/** Which of the statements a request is for; those of one kind go together. The first two are the short ones (short.ts). */
export type Kind = "stores" | "starts" | "plain" | "named" | "ruled";
type Short = Extract<Kind, "stores" | "starts">;

export const kindOf = ({ rules, delivery }: Sent): Kind => (rules ? "ruled" : delivery ? "named" : "plain");

/** The short statement that may do for the next message of a URL, after what the last one came to. */
export function shortAfter({ verdict, ...told }: Verdict): Short | undefined {
  const { required, manner, company, room, work_orders: orders } = told;
  if (verdict !== "accepted" || required || manner || company || typeof room === "number") return undefined;
  if (!told.via_trigger) return orders.length === 0 ? "stores" : undefined;
  return orders.length === 1 && orders[0]?.run_id ? "starts" : undefined;
}

const statements = {
  stores: [storeStatement, "inbox-store"],
  starts: [startStatement, "inbox-start"],
  plain: [acceptStatement, "inbox-accept"],
  named: [acceptOnceStatement, "inbox-accept-once"],
  ruled: [acceptByRulesStatement, "inbox-accept-by-rules"],
} as const;

type Host = { query<T extends Row>(text: string, values: unknown[], name?: string): Promise<T[]> };

/**
 * Executes the statement for requests of one kind. The verdict of each, in their order; undefined for an unknown id, and for
 * one that is not for that short statement.
 */
export async function executeTogether(
  host: Host,
  sent: Sent[],
  kind?: Kind,
): Promise<(Verdict | undefined)[]> {
  const [first] = sent;
  if (!first) return [];
  const [statement, name] = statements[kind ?? kindOf(first)];
  const rows = await host.query<Verdict & { n?: number }>(statement.text, statement.values(sent), name);
  const verdicts: (Verdict | undefined)[] = sent.map(() => undefined);
  for (const { n, ...verdict } of rows)
    verdicts[n ?? sent.findIndex(({ messageId }) => messageId === verdict.message_id)] = verdict;
  return verdicts;
}
