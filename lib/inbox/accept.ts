import { isConflict, isDiskFull, isOutage } from "@/db/outage";
import { liesInRow } from "@/lib/body/beginning";
import { type Decoders, supportedCodings } from "@/lib/body/codings";
import { nestFields } from "@/lib/body/fields";
import { readQuery } from "@/lib/body/form";
import { previewOf, type ReadBody, readBody, type Unread } from "@/lib/body/read";
import { type Reading, readingText } from "@/lib/body/reading";
import { Incoming } from "@/lib/bytes";
import { errorCode } from "@/lib/error-code";
import { isSecretHeader, signatureHeader } from "@/lib/signature-headers";
import { sqlJson, sqlJsonText } from "@/lib/sql-json";
import { withoutNul } from "@/lib/text";
import { newTimeOrderedId } from "@/lib/time-ordered-id";
import { answers, type InboxAnswer } from "./answer";
import { deliveryOf } from "./delivery";
import { requestDigests } from "./digest";
import type { Awaiting } from "./ended-answer";
import { executeTogether, leastMs, type Turnless, type Verdict } from "./execute";
import type { InboxKeys } from "./keys";
import { customPathOf } from "./manner";
import type { DoorMemory } from "./memory";
import { inOpenRosa } from "./openrosa";
import { keyedDelivery, redactRequest, type Storable } from "./redacted";
import {
  keepRefused,
  keptOf,
  nothingKept,
  type RefusedRow,
  withoutCredentials,
  withoutSecrets,
} from "./refused";
import { type ReplyHost, replyTo } from "./reply";
import { type Arrival, acceptedStatement, type Sent, type UrlRedactions, type UrlRules } from "./statement";
import { acceptTestStatement, findTestTarget, type TestVerdict } from "./test-url";
import { verifySignatures } from "./verify";

/** A request to an inbox URL, freed from the server that received it. Header names are lower case. */
export type InboxRequest = {
  method: string;
  /** Decoded path segments after the prefix: the id, then whatever the sender added. */
  segments: string[];
  /** With or without the question mark. */
  search: string;
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> | null;
  /** Aborted when the sender has gone: then nobody waits for an answer. */
  readonly signal?: AbortSignal;
  /** The path as it was sent, whole; some senders sign it. */
  rawPath?: string;
};

/** Everything `accept` needs from its host: Node server, Next route or edge. */
export type InboxHost = InboxKeys &
  ReplyHost & {
    /** Does `work` with no statement of it going on for longer than `ms`. Hosts without it have a limit of their own. */
    within?<T>(ms: number, work: () => Promise<T>): Promise<T>;
    /** Stores a request in company with others (company.ts); a host without it executes a statement for each. */
    together?(sent: Sent, how: { endsAt: number; isAlone: boolean }): Promise<Verdict | undefined | Turnless>;
    /** A statement has found whose URL it is. */
    onKnown?(urlId: string, projectId: string): void;
    maxBodyBytes: number;
    /** The origin that senders use; some sign it. */
    origin?: string;
    /** What is remembered of URLs between requests, which saves statements and decides nothing that is stored. */
    memory?: DoorMemory;
    /** Lets `work` go on after the answer. Hosts without it answer when it is done. */
    later?(work: Promise<void>): void;
    /** Content codings that the host can undo besides gzip and deflate. */
    decoders?: Decoders;
    /** Called after the commit; must not throw and is not waited for. */
    onAccepted?(accepted: { projectId: string; messageId: string; runs: number; tests?: string[] }): void;
  };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Takes one request to an inbox URL. Web APIs only: runs on Node and on the edge. A 2xx means the message, its work
 * orders and their runs are committed. Throws only what the database says of a defect, never for an outage.
 */
export async function accept(request: InboxRequest, host: InboxHost): Promise<InboxAnswer> {
  const answer = await receive(request, host);
  // Out here the message's bytes are let go.
  return "runId" in answer ? replyTo(answer, host) : answer;
}

async function receive(request: InboxRequest, host: InboxHost): Promise<InboxAnswer | Awaiting> {
  const { method } = request;
  if (method === "OPTIONS") return answers.options();
  if (method !== "POST" && method !== "GET" && method !== "HEAD") return answers.notAllowed();
  const [named, ...path] = request.segments;
  if (!named || !uuid.test(named)) return answers.unknown();
  // However it is written, one URL is remembered once.
  const id = named.toLowerCase();

  const isPost = method === "POST";
  const to = { request, id, path };
  const said = Number(request.headers["content-length"] ?? 0);
  if (isPost && said > host.maxBodyBytes) return refuseLarge(to, said, host);
  const incoming = new Incoming(isPost && request.body ? request.body : nothing, host.maxBodyBytes);
  const there = await incoming.read(smallBytes);
  if (there === "tooMuch") return refuseLarge(to, host.maxBodyBytes, host);
  // What is compressed may be fifty times as much.
  const isSmall = there === "all" && request.headers["content-encoding"] === undefined;
  if (isSmall) return take(to, incoming.bytes(), host);

  // From here on it costs memory, and time of everybody's: the others come in between.
  const turn = <T>(of: "large" | "whole", work: () => Promise<T>) =>
    host.turn ? host.turn(of, id, largePatienceMs, work) : work();
  const answer = await turn("large", async () => {
    if ((await incoming.read(host.maxBodyBytes)) === "tooMuch")
      return refuseLarge(to, host.maxBodyBytes, host);
    return turn("whole", () => take(to, incoming.bytes(), host));
  });
  if (answer !== "full" && answer !== "late") return answer;
  await incoming.stop();
  return answers.busy(retryAfterSeconds);
}

/** Bodies up to this need no turn of their own. */
const smallBytes = 1_000_000;
/** How long a large body waits to be read on. */
const largePatienceMs = 15_000;

const nothing: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

const noDigests = { api: null, basic: [], bearer: null };

type Addressed = { request: InboxRequest; id: string; path: string[] };
type Sender = Pick<Arrival, "apiDigest" | "basicDigests" | "bearerDigest" | "verified">;
type Arranged = Omit<Arrival, keyof Sender>;

/** Stores what has been read, and answers, or says what is to be waited for. */
async function take(to: Addressed, bytes: Uint8Array, host: InboxHost): Promise<InboxAnswer | Awaiting> {
  const { "content-type": contentType = null, "content-encoding": contentEncoding = null } =
    to.request.headers;
  const read = await readBody(bytes, { contentType, contentEncoding }, host.decoders);
  if ("refused" in read) {
    const answer = unreadAnswer(read, host);
    const cause = read.refused === "too_large" ? "too_large" : "unreadable";
    if (to.request.method === "POST")
      await keep(host, { to, bytes, answer, cause, of: "stranger", detail: read.reason ?? null });
    return answer;
  }
  const arranged = arrange(to, bytes, read);
  const digests = arranged.hasCredentials
    ? await requestDigests(host.digestKey, to.request.headers)
    : noDigests;
  const sender = { apiDigest: digests.api, basicDigests: digests.basic };
  const full = arranged.isPost ? host.memory?.fullFor(urlsOf(to), sender) : undefined;
  if (full !== undefined) {
    const answer = answers.tooMany(full);
    await keep(host, { to, bytes, answer, cause: "too_many", of: "sender", detail: null });
    return answer;
  }
  const arrival = { ...arranged, ...sender, bearerDigest: digests.bearer, verified: null };
  const row = await storeInformed(host, arrival, { to, read });
  if (row === "full") return answers.busy(retryAfterSeconds);
  // Whose turn does not come for so long waits for a database that answers nobody.
  if (row === "unavailable" || row === "late") return answers.unavailable(retryAfterSeconds);
  if (row === "noRoom") return answers.noRoom(noRoomSeconds);
  const test = row ? undefined : await takeTest(to, bytes, read, host);
  if (test) return test;
  if (row && row.verdict !== "hidden") host.onKnown?.(to.id, row.project_id);
  const answer = inManner(answerFor(row), row, to.request, host);
  if (row?.verdict === "limited")
    host.memory?.setFull(urlOf(to, row), row.required ? sender : null, row.retry_after ?? 1);
  if (answer.accepted) host.onAccepted?.(answer.accepted);
  const isMeant = arranged.isPost || (to.request.method === "GET" && row?.takes_get === true);
  const refused = row && isMeant ? refusalOf(row) : undefined;
  if (row && refused)
    await keep(host, {
      ...{ to, bytes, answer, rules: row.rules ?? null, signedIn: row.signedIn ?? [] },
      ...refused,
    });
  return row?.manner?.waits && isStored(row) ? awaitingOf(row, answer, to) : answer;
}

/** A request to the test URL of a draft; undefined where the id is nobody's. */
async function takeTest(
  { request, id, path }: Addressed,
  bytes: Uint8Array,
  read: ReadBody,
  host: InboxHost,
): Promise<InboxAnswer | undefined> {
  const { method } = request;
  for (let round = 1; round <= maxRounds; round++) {
    const found = await tellingOutages(() => findTestTarget(host, id));
    if (typeof found !== "object")
      return found === undefined ? undefined : answers.unavailable(retryAfterSeconds);
    if (found.isOver) return answers.testOver();
    if (!found.isOpen) return answers.testClosed();
    const [named] = path;
    const triggerId = named !== undefined && uuid.test(named) ? named.toLowerCase() : null;
    const trigger = found.triggers?.find((one) => one.id === triggerId);
    if (triggerId && !trigger) return answers.testTrigger();
    if (method !== "POST" && !(method === "GET" && trigger?.takesGet)) return answers.found();
    if (found.maxBodyBytes !== null && bytes.length > found.maxBodyBytes) return answers.tooLarge();
    // Nobody checks credentials here, so none is kept, whatever they would open.
    const headers = withoutCredentials({ headers: request.headers, of: "stranger" });
    const to = { request: { ...request, headers }, id, path: triggerId ? path.slice(1) : path };
    const plain: Arrival = {
      ...arrange(to, bytes, read),
      ...{ apiDigest: null, basicDigests: [], bearerDigest: null, verified: null },
    };
    const { projectId, redactions } = found;
    const by = {
      to,
      read,
      redactions: { projectId, paths: redactions ?? [], pathStart: 0 },
      host,
      signedIn: [],
    };
    const arrival = redactions && redactions.length > 0 ? await redactedArrival(plain, by) : plain;
    if ("refused" in arrival)
      return arrival.refused === "too_large"
        ? answers.tooLarge(arrival.reason)
        : answers.unredactable(arrival.reason);
    const values = acceptTestStatement.values({
      ...arrival,
      ...{ testId: id, triggerId, redactions: redactions && sqlJson(redactions) },
    });
    const stored = await tellingOutages(() => host.query<TestVerdict>(acceptTestStatement.text, values));
    if (!Array.isArray(stored)) return answers.unavailable(retryAfterSeconds);
    const [test] = stored;
    if (!test || test.verdict === "changed") continue;
    if (test.verdict === "limited") return answers.tooMany(60);
    if (test.verdict === "full") return answers.busy(retryAfterSeconds);
    const { messageId } = arrival;
    host.onAccepted?.({ projectId, messageId, runs: test.tests.length, tests: test.tests });
    return answers.tested(messageId, test.mode, test.tests);
  }
  return answers.unavailable(1);
}

async function tellingOutages<T>(work: () => Promise<T>): Promise<T | "unavailable"> {
  try {
    return await work();
  } catch (error) {
    if (isOutage(error) || isConflict(error)) return "unavailable";
    throw error;
  }
}

const isStored = ({ verdict }: Verdict): boolean => verdict === "accepted" || verdict === "repeat";

/** The sender is answered when the run of the message has ended. */
function awaitingOf(
  { project_id: projectId, manner, work_orders: [first] }: Verdict,
  { headers: { "content-type": _, ...headers } }: InboxAnswer,
  { id: urlId, request }: Addressed,
): Awaiting | InboxAnswer {
  if (!first?.run_id) return answers.noRun(first?.work_order_id, headers);
  const { work_order_id: workOrderId, run_id: runId } = first;
  return {
    urlId,
    projectId,
    workOrderId,
    runId,
    codes: manner?.codes ?? null,
    headers,
    signal: request.signal,
  };
}

/** What a URL may be remembered by: of a project's id, its custom path. */
function urlsOf({ id, path }: Addressed): string[] {
  const customPath = customPathOf(path);
  return customPath === null ? [id] : [`${id}/${customPath}`, id];
}

const urlOf = ({ id, path }: Addressed, { is_by_path }: Verdict): string =>
  is_by_path ? `${id}/${path[0]}` : id;

type Refused = Pick<RefusedRow, "cause" | "of" | "detail"> & { messageId?: string };

/** Why a verdict made no message, for whoever looks later; undefined for one that did, or that is nobody's business. */
function refusalOf(row: Verdict): Refused | undefined {
  switch (row.verdict) {
    case "unauthorized":
      return { cause: "no_credentials", of: "stranger", detail: null };
    case "hidden": {
      const { problem } = row;
      if (!problem) return { cause: "wrong_credentials", of: "stranger", detail: null };
      return { cause: "wrong_signature", of: "stranger", detail: sqlJson(problem) };
    }
    case "disabled":
      return { cause: "disabled", of: "sender", detail: null };
    case "too_large":
      return { cause: "too_large", of: "sender", detail: row.reason ?? null };
    case "unredactable":
      return { cause: "unredactable", of: "sender", detail: null };
    case "limited":
      return { cause: "too_many", of: "sender", detail: null };
    case "runs_hard_limit":
    case "too_many_requests":
      return { cause: "plan", of: "sender", detail: null };
    case "backlog":
      return { cause: "backlog", of: "sender", detail: null };
    case "repeat":
      return { cause: "repeat", of: "repeat", detail: null, messageId: row.message_id };
    default:
      return undefined;
  }
}

/** Refuses a body that is larger than the installation takes, of which `size` bytes are known of. */
async function refuseLarge(to: Addressed, size: number, host: InboxHost): Promise<InboxAnswer> {
  const answer = answers.tooLarge();
  await keep(host, { to, bytes: null, size, answer, cause: "too_large", of: "stranger", detail: null });
  return answer;
}

type Kept = Refused & {
  to: Addressed;
  bytes: Uint8Array | null;
  size?: number;
  answer: InboxAnswer;
  /** The URL's, where the statement has said them. */
  rules?: UrlRules | null;
  /** Headers in which its body is signed. */
  signedIn?: string[];
};

/**
 * Keeps a refused request, without its sender waiting for it where the host can: how long an answer takes says nothing of
 * whose URL it was. Nothing that happens to it changes the answer. It is redacted as a message would be, by the rules that are
 * known; the statement keeps nothing of its content where there are others.
 */
async function keep(host: InboxHost, kept: Kept): Promise<void> {
  const { id } = kept.to;
  if (host.memory?.hasRoom(id, kept.of) === false) return;
  const work = async () => {
    const row = await refusedRow(host, kept);
    if ((await keepRefused(host, row)) === "full") host.memory?.setNoRoom(id, row.of);
  };
  const done = (host.turn ? host.turn("keep", id, keepPatienceMs, work) : work()).then(
    () => {},
    () => {},
  );
  if (host.later) host.later(done);
  else await done;
}

async function refusedRow(
  host: InboxHost,
  { to, bytes, size, answer, messageId, rules, signedIn, ...refused }: Kept,
): Promise<RefusedRow> {
  const { id, request, path } = to;
  const redactions = (rules ?? host.memory?.rulesOf(urlsOf(to)))?.redactions ?? null;
  const shown = refused.of === "stranger" ? withoutSecrets : undefined;
  const isWanted = bytes !== null && messageId === undefined;
  const query = queryOf(request.search, shown);
  const row: RefusedRow = {
    urlId: id,
    customPath: customPathOf(path),
    ...refused,
    messageId: messageId ?? null,
    status: answer.status,
    method: request.method,
    path: path.map(withoutNul),
    query: query.text,
    parameters: query.parameters,
    headers: storedHeaders(request.headers),
    ...(isWanted ? keptOf(bytes) : nothingKept),
    size: Math.min(size ?? bytes?.length ?? 0, 2_147_483_647),
    redactions: null,
  };
  if (!redactions) return row;
  const redacted = await redactedOf(host, { to, row, redactions, shown, signedIn: signedIn ?? [] });
  return { ...row, ...redacted, redactions: sqlJson(redactions) };
}

/** What of a refused request may be kept: of a body that is not read, or cannot be redacted, nothing. */
async function redactedOf(
  host: InboxHost,
  {
    to,
    row,
    redactions,
    shown,
    signedIn,
  }: {
    to: Addressed;
    row: RefusedRow;
    redactions: UrlRedactions;
    shown?: typeof withoutSecrets | undefined;
    signedIn: string[];
  },
): Promise<Pick<RefusedRow, "path" | "query" | "parameters" | "headers" | "body" | "start">> {
  const said = {
    contentType: row.headers["content-type"] ?? null,
    contentEncoding: row.headers["content-encoding"] ?? null,
  };
  const by = { host, signedIn, ...(shown ? { shown } : {}) };
  const without = async (body: Uint8Array) => {
    const read = await readBody(body, said, host.decoders);
    return "refused" in read ? undefined : redactRequest(storableOf(to, body, read), redactions, by);
  };
  const whole = row.body ? await without(row.body) : undefined;
  const isWhole = whole !== undefined && !("refused" in whole);
  const done = isWhole ? whole : await without(new Uint8Array());
  if (!done || "refused" in done)
    return { path: [], query: "{}", parameters: undefined, headers: {}, ...nothingKept };
  const { path, query, parameters, headers, bytes } = done;
  const content = isWhole ? keptOf(bytes) : nothingKept;
  return { path, query: sqlJson(query), parameters, headers, ...content };
}

/** How long a refused request waits to be kept, before it is dropped. */
const keepPatienceMs = 2_000;

/** The request as the statement takes it. */
function arrange({ request, id, path }: Addressed, bytes: Uint8Array, read: ReadBody): Arranged {
  const { method, headers, search } = request;
  const query = queryOf(search);
  const meaning = meaningOf(bytes, read, query.parameters);
  const stored = { body: bytes, headers: sqlJson(storedHeaders(headers)), query: query.text };
  return {
    urlId: id,
    messageId: newTimeOrderedId(),
    method,
    path: path.map(withoutNul),
    customPath: customPathOf(path),
    contentType: headers["content-type"] ?? null,
    ...meaning,
    ...stored,
    size: bytes.length,
    preview: method === "GET" ? previewOf(search.slice(1)) : storedPreview(read, { ...meaning, ...stored }),
    hasCredentials: headers["x-api-key"] !== undefined || headers.authorization !== undefined,
    isPost: method === "POST",
  };
}

const storedPreview = (
  read: ReadBody,
  arrival: Pick<Arrival, "isBody" | "body" | "headers" | "query">,
): string => (arrival.isBody && liesInRow(arrival) ? "" : read.preview);

/** What a body means, as the statement takes it. */
function meaningOf(
  bytes: Uint8Array,
  read: ReadBody,
  parameters: Reading["parameters"],
): Pick<Arrival, "format" | "view" | "reading" | "content" | "isBody"> {
  // jsonb refuses some JSON (NUL, lone surrogates, huge numbers): match and show a cleaned copy, keep the bytes.
  const content = sqlJsonText(read.matchable);
  const isCleaned = read.format === "json" && content !== read.matchable;
  return {
    format: read.format,
    view: read.view !== null || isCleaned ? content : null,
    reading: readingText(read.reading, parameters),
    content,
    // A mark of the order of bytes is no JSON.
    isBody: read.format === "json" && read.view === null && !isCleaned && bytes[0] !== 0xef,
  };
}

/** The same request by a URL's redactions, or why it cannot be stored by them. `signedIn`: headers with signatures of it. */
async function redactedArrival(
  arrival: Arrival,
  {
    to,
    read,
    redactions,
    host,
    signedIn,
  }: Informed & { redactions: UrlRedactions; host: InboxHost; signedIn: string[] },
) {
  const done = await redactRequest(storableOf(to, arrival.body, read), redactions, { host, signedIn });
  if ("refused" in done) return done;
  const { fields, path, headers, contentType, bytes, query, parameters } = done;
  const meaning = meaningOf(bytes, done.read, parameters);
  const stored = { body: bytes, headers: sqlJson(headers), query: sqlJson(query) };
  return {
    ...arrival,
    path,
    contentType,
    ...meaning,
    ...stored,
    size: bytes.length,
    preview:
      arrival.method === "GET"
        ? previewOf(new URLSearchParams(fields).toString())
        : storedPreview(done.read, { ...meaning, ...stored }),
  };
}

const storableOf = ({ request, path }: Addressed, bytes: Uint8Array, read: ReadBody): Storable => ({
  method: request.method,
  path,
  search: request.search,
  headers: storedHeaders(request.headers),
  contentEncoding: request.headers["content-encoding"] ?? null,
  bytes,
  read,
});

/** What is not stored because its content coding cannot be undone, or because no job could process it. */
function unreadAnswer({ refused, reason }: Unread, host: InboxHost): InboxAnswer {
  if (refused === "too_large") return answers.tooLarge(reason);
  return answers.unsupportedCoding(supportedCodings(host.decoders), refused === "malformed_coding");
}

/** The answer as the trigger's senders expect it. */
function inManner(
  answer: InboxAnswer,
  row: Verdict | undefined,
  { method }: InboxRequest,
  host: InboxHost,
): InboxAnswer {
  const uncached =
    method === "GET" && row?.verdict !== "found"
      ? { ...answer, headers: { ...answer.headers, "cache-control": "no-store" } }
      : answer;
  // Whoever is told that there is nothing here is told it as everybody is.
  const isHidden = row?.verdict === "hidden" || row?.verdict === "signature";
  if (!row?.manner?.openRosa || isHidden) return uncached;
  const maxBodyBytes = Math.min(row.manner.maxBodyBytes ?? host.maxBodyBytes, host.maxBodyBytes);
  return inOpenRosa(uncached, { method, isStored: isStored(row), maxBodyBytes });
}

function answerFor(row: Verdict | undefined): InboxAnswer {
  switch (row?.verdict) {
    case "accepted":
      return answers.accepted({
        projectId: row.project_id,
        messageId: row.message_id,
        viaTrigger: row.via_trigger,
        workOrders: row.work_orders,
      });
    case "repeat":
      return answers.repeated({
        projectId: row.project_id,
        messageId: row.message_id,
        viaTrigger: row.via_trigger,
        workOrders: row.work_orders,
      });
    case "found":
      return answers.found();
    case "unauthorized":
      return answers.unauthorized();
    case "disabled":
      return answers.disabled();
    case "too_large":
      return answers.tooLarge(row.reason);
    case "unredactable":
      return answers.unredactable(row.reason ?? "");
    case "runs_hard_limit":
      return answers.monthIsOver();
    case "too_many_requests":
      return answers.minuteIsFull(Math.max(1, -(row.room ?? -1)));
    case "limited":
      return answers.tooMany(row.retry_after ?? 1);
    case "backlog":
      return answers.backlog(row.retry_after ?? 1);
    case "again":
    case "rules":
      // They were changed again and again in between.
      return answers.unavailable(1);
    case "hidden":
    case "signature":
    case undefined:
      return answers.unknown();
  }
}

const attempts = 5;
const firstDelayMs = 100;
const retryAfterSeconds = 5;
/** Making room takes a person. */
const noRoomSeconds = 30;
/** For the database, all attempts together: with the farewell to a silent connection, a sender waits 8 s at most. */
const budgetMs = 7_000;
/** How often a URL may tell something new about itself while one request is stored. */
const maxRounds = 5;

type Informed = { to: Addressed; read: ReadBody };

/**
 * Stores, by what the URL says about itself: where its methods sign, the statement says which they are, and is executed
 * again for what is signed by one of them that has not changed since; where it has rules of its own, for what obeys them.
 * What cannot be stored by them is refused when the statement has said that they are these.
 */
async function storeInformed(host: InboxHost, arrival: Arrival, { to, read }: Informed) {
  const { request, path } = to;
  const endsAt = performance.now() + budgetMs;
  const { headers, search } = request;
  const asked = { headers, search, path };
  const isLook = request.method === "HEAD";
  const signedIn: string[] = [];
  let refusal: Unstorable | null = null;
  const informed = async (rules: UrlRules | null): Promise<Sent> => {
    const rule = rules?.delivery ?? null;
    const meaning = request.method === "GET" ? arrival.query : arrival.content;
    const delivery = isLook ? null : await deliveryOf(asked, arrival.body, { rule, meaning });
    const sent = { delivery, plain: null, rules, sentSize: arrival.size };
    refusal = null;
    const redactions = rules?.redactions;
    if (!redactions) return { ...arrival, ...sent };
    const redacted =
      redactions.paths.length === 0
        ? arrival
        : await redactedArrival(arrival, { to, read, redactions, host, signedIn });
    if ("refused" in redacted) {
      refusal = { ...redacted, by: sqlJson(redactions) };
      // Whoever asks by no rules is told those that there are, before anything is written.
      return { ...arrival, ...sent, rules: null };
    }
    if (!delivery) return { ...redacted, ...sent };
    const keyed = await keyedDelivery(delivery, host, redactions.projectId);
    return { ...redacted, ...sent, delivery: keyed, plain: delivery };
  };
  // What is known of the sender is no part of what is stored.
  let { hasCredentials, verified } = arrival;
  let sent = await informed(host.memory?.rulesOf(urlsOf(to)) ?? null);
  for (let round = 1; ; round++) {
    const row = await store(host, { ...sent, hasCredentials, verified }, endsAt);
    if (typeof row !== "object" || round === maxRounds) return row;
    if (row.verdict === "rules") {
      const rules = row.rules ?? null;
      host.memory?.setRules(urlOf(to, row), rules);
      const isBy = (one: Unstorable | null) => one !== null && one.by === sqlJson(rules?.redactions ?? null);
      if (!isBy(refusal)) sent = await informed(rules);
      const refused = refusal as Unstorable | null;
      if (refused && isBy(refused)) {
        const { reason, refused: verdict } = refused;
        return { ...row, verdict, reason, signedIn };
      }
    } else if (row.verdict === "signature") {
      const isGet = request.method === "GET" && row.takes_get === true;
      const methods = { projectId: row.project_id, methods: row.signatures ?? [], isGet };
      const signed = { headers: request.headers, body: arrival.body, sentTo: sentTo(host, request) };
      const found = await verifySignatures(host, methods, signed);
      const { problem } = found;
      if (found.verified.length === 0) {
        const verdict = hasCredentials || problem !== null ? ("hidden" as const) : ("unauthorized" as const);
        return { ...row, problem, signedIn: signatureHeaders(row), verdict };
      }
      hasCredentials = true;
      verified = found.verified;
      signedIn.push(...signatureHeaders(row));
      if (sent.rules?.redactions) sent = await informed(sent.rules);
    } else return signedIn.length > 0 ? { ...row, signedIn } : row;
  }
}

/** A message that cannot be stored by a URL's redactions, which are `by`. */
type Unstorable = { refused: "unredactable" | "too_large"; reason: string; by: string };

/** Headers in which the senders to a URL sign the body. */
const signatureHeaders = ({ signatures }: Verdict): string[] =>
  (signatures ?? []).flatMap(({ scheme }) => (isSecretHeader(scheme) ? [] : [signatureHeader(scheme)]));

/** Where its sender sent it, for those who sign that. */
const sentTo = ({ origin }: InboxHost, { rawPath, search }: InboxRequest) =>
  origin === undefined || rawPath === undefined ? undefined : { origin, path: rawPath, search };

/**
 * Executes the statement, riding out a short database outage without ever storing the message twice: what a lost
 * statement came to is asked before the next attempt, and one that still stands when we ask holds the message's id.
 */
async function store(
  host: InboxHost,
  arrival: Sent,
  endsAt: number,
): Promise<Verdict | undefined | "unavailable" | "noRoom" | Turnless> {
  let stored = arrival;
  let why: "unavailable" | "noRoom" = "unavailable";
  for (let attempt = 0; attempt < attempts; attempt++) {
    const isAgain = attempt > 0;
    if (isAgain) await pause(firstDelayMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2));
    const leftMs = endsAt - performance.now();
    if (leftMs < leastMs) break;
    try {
      if (isAgain) {
        const earlier = await inTime(host, leftMs, () => answered(host, stored.messageId));
        if (earlier) return earlier;
      }
      const row = await execute(host, stored, { endsAt, isAlone: isAgain });
      if (typeof row !== "object" || row.verdict !== "repeat") return row;
      // What came first was committed after this statement began, perhaps; and it may be deleted by now.
      const first = await inTime(host, endsAt - performance.now(), () => answered(host, row.message_id));
      return { ...row, ...first, verdict: "repeat" };
    } catch (error) {
      if (isDataError(error) && stored === arrival) stored = withoutMeaning(arrival);
      else if (!isOutage(error) && !isConflict(error) && !(isAgain && errorCode(error) === idIsTaken))
        throw error;
      why = isDiskFull(error) ? "noRoom" : "unavailable";
    }
  }
  return why;
}

const inTime = <T>(host: InboxHost, ms: number, work: () => Promise<T>): Promise<T> =>
  host.within ? host.within(Math.max(leastMs, ms), work) : work();

/** In company where the host keeps some. Of two of one id, by one that was committed after all, the second is refused. */
async function execute(
  host: InboxHost,
  sent: Sent,
  how: { endsAt: number; isAlone: boolean },
): Promise<Verdict | undefined | Turnless> {
  if (host.together) return host.together(sent, how);
  const alone = () => executeTogether(host, [sent]);
  const [row] = await inTime(host, how.endsAt - performance.now(), alone);
  return row;
}

async function answered(host: InboxHost, messageId: string): Promise<Verdict | undefined> {
  return (await host.query<Verdict>(acceptedStatement.text, acceptedStatement.values({ messageId })))[0];
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The id is ours alone: an earlier attempt of ours was committed after we had asked. */
const idIsTaken = "23505";

/** Whatever the database says of what a body means, the body is kept, and a job gets it. Filters see nothing in it. */
const withoutMeaning = (arrival: Sent): Sent => ({ ...arrival, content: "null", isBody: false, view: null });

const isDataError = (error: unknown) => /^(22|54)/.test(errorCode(error));

/** What is never stored: other sites' cookies and proxies' credentials. */
function storedHeaders(headers: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const secret = name === "cookie" || name === "proxy-authorization";
    kept[name] = secret ? "[REDACTED]" : withoutNul(headers[name] ?? "");
  }
  return kept;
}

/** The query as JSON text, and its parameters one by one when that does not say all of them; as they may be `shown`. */
function queryOf(
  search: string,
  shown = (fields: [string, string][]) => fields,
): { text: string; parameters: Reading["parameters"] } {
  if (search.length < 2) return { text: "{}", parameters: undefined };
  const fields = shown(readQuery(search));
  const { value, isRepeated } = nestFields(fields);
  return { text: sqlJson(value), parameters: isRepeated ? fields : undefined };
}
