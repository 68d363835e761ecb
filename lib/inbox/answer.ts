/** What the inbox says. Texts and statuses are OpenFn's (reference: platform §2.1). */
export type InboxAnswer = {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Set when a message was committed. */
  accepted?: { projectId: string; messageId: string; runs: number };
  /** To be called when it was sent, or cannot be: it takes a place until then. */
  sent?: () => void;
};

type Stored = {
  projectId: string;
  messageId: string;
  viaTrigger: boolean;
  /** Without a run: the project's plan has none left. */
  workOrders: { work_order_id: string; run_id: string | null }[];
};

const json = (status: number, body: unknown, headers: Record<string, string> = {}): InboxAnswer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
});

/** `why`: a sentence. */
const tooSoon = (why: string, seconds: number): InboxAnswer =>
  json(
    429,
    { error: "too_many_requests", message: `${why} Please try again in ${seconds}s.`, retry_after: seconds },
    { "retry-after": String(seconds) },
  );

const noneTakes = "No trigger of the draft takes this message: their filters say no.";

export const answers = {
  found: () =>
    json(200, { message: "OpenFn webhook trigger found. Make a POST request to execute this workflow." }),
  unknown: () => json(404, { error: "Webhook not found" }),
  unauthorized: () => json(401, { error: "Unauthorized" }),
  disabled: () =>
    json(403, {
      error: "trigger_disabled",
      message:
        "Unable to process request, trigger is disabled. Enable it on OpenFn to allow requests to this endpoint.",
    }),
  /** `reason`: a sentence, where it is not the bytes that are too many. */
  tooLarge: (reason?: string): InboxAnswer => ({
    status: 413,
    headers: { "content-type": "text/plain; charset=utf-8", connection: "close" },
    body: reason ? `Request Entity Too Large: ${reason}` : "Request Entity Too Large",
  }),
  /** `accept-encoding` says what would have been read (RFC 9110, 15.5.16). */
  unsupportedCoding: (supported: string, isMalformed: boolean) =>
    json(
      415,
      {
        error: "Unsupported Media Type",
        message: isMalformed
          ? "The body is not what its Content-Encoding says, or it is cut off."
          : `The body's Content-Encoding cannot be undone here. Supported: ${supported}.`,
      },
      { "accept-encoding": supported },
    ),
  /** Parts of it may not be stored, and cannot be found in it. */
  unredactable: (message: string) => json(415, { error: "Unsupported Media Type", message }),
  notAllowed: () => json(405, { error: "Method Not Allowed" }, { allow: "GET, HEAD, POST, OPTIONS" }),
  options: (): InboxAnswer => ({ status: 204, headers: { allow: "GET, HEAD, POST, OPTIONS" }, body: "" }),
  /** More came through the URL, or into its project, than it is set to take. */
  tooMany: (seconds: number) => tooSoon("More messages came within a minute than this URL takes.", seconds),
  busy: (seconds: number) => tooSoon("Too many messages for this URL wait to be stored.", seconds),
  /** So many of the project's runs wait that no more are to come. */
  backlog: (seconds: number) =>
    tooSoon("Too many runs of this project wait, so nothing was stored.", seconds),
  /** The plan's month is used up, and the project's limit refuses what comes then. */
  monthIsOver: () =>
    json(429, {
      error: "runs_hard_limit",
      message:
        "This project has used up its runs of this month, so nothing was stored. Its Usage page says how many there were.",
    }),
  /** The plan's minute is. */
  minuteIsFull: (seconds: number) =>
    json(
      429,
      { error: "too_many_requests", message: "Too many runs in the last minute" },
      { "retry-after": String(seconds) },
    ),
  unavailable: (seconds: number) =>
    json(
      503,
      {
        error: "service_unavailable",
        message: `Unable to process request due to temporary database issues. Please try again in ${seconds}s.`,
        retry_after: seconds,
      },
      { "retry-after": String(seconds) },
    ),
  noRoom: (seconds: number) =>
    json(
      503,
      {
        error: "service_unavailable",
        message: `Nothing was stored: the database's disk is full. Whoever runs this server has to make room on it. Please try again in ${seconds}s.`,
        retry_after: seconds,
      },
      { "retry-after": String(seconds) },
    ),
  /** A sender is to be answered when the run has ended, and there is none: the plan has no run left, or nothing is to run. */
  noRun: (workOrderId: string | undefined, headers: Record<string, string>) =>
    workOrderId === undefined
      ? json(500, { error: "no_run_created" }, headers)
      : json(429, { work_order_id: workOrderId, error: "too_many_runs" }, headers),
  /** What the first delivery was answered. Nothing was committed now. */
  repeated(first: Stored): InboxAnswer {
    const { status, headers, body } = answers.accepted(first);
    return { status, headers: { ...headers, "x-waybill-repeat": "1" }, body };
  },
  /** Stored for the test URL of a draft. */
  tested: (messageId: string, mode: string, testIds: string[]) =>
    json(
      200,
      {
        test: true,
        message_id: messageId,
        test_ids: testIds,
        mode,
        ...(testIds.length === 0 ? { message: noneTakes } : {}),
      },
      { "x-meta-message-id": messageId },
    ),
  testClosed: () =>
    json(404, {
      error: "test_closed",
      message: "This test URL is closed. Whoever edits the draft opens it for 24 hours.",
    }),
  testOver: () =>
    json(410, {
      error: "test_over",
      message: "This test URL was open for its 24 hours. Whoever edits the draft opens it again.",
    }),
  testTrigger: () =>
    json(404, { error: "unknown_trigger", message: "The draft has no such trigger that takes messages." }),
  /**
   * A trigger's URL answers with OpenFn's body, the project's inbox URL with everything the message started. `error` says that
   * the plan had too few runs left: what has none is kept and can be released.
   */
  accepted(stored: Stored): InboxAnswer {
    const [first] = stored.workOrders;
    const queued = stored.workOrders.filter(({ run_id }) => run_id !== null);
    const rejected = queued.length < stored.workOrders.length ? { error: "too_many_runs" } : {};
    const answer =
      stored.viaTrigger && first
        ? json(
            200,
            { work_order_id: first.work_order_id, ...rejected },
            {
              "x-meta-work-order-id": first.work_order_id,
              ...(first.run_id ? { "x-meta-run-id": first.run_id } : {}),
              "x-meta-message-id": stored.messageId,
            },
          )
        : json(
            202,
            {
              message_id: stored.messageId,
              work_order_ids: stored.workOrders.map((w) => w.work_order_id),
              ...rejected,
            },
            {
              "x-meta-message-id": stored.messageId,
            },
          );
    return {
      ...answer,
      accepted: { projectId: stored.projectId, messageId: stored.messageId, runs: queued.length },
    };
  },
};
