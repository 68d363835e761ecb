import type { JsonSchema, OpenApi, Operation } from "./openapi-types";

/** The inbox routes, by hand: they are no declared routes (lib/inbox/accept.ts) and speak OpenFn's contract. */

export const inboxTag = {
  name: "Inbox",
  description:
    "Where senders hand messages over. A 2xx means that the message is stored and its runs are queued.",
};

const object = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});
const json = (schema: JsonSchema) => ({ "application/json": { schema } });
const text: JsonSchema = { type: "string" };
const id: JsonSchema = { type: "string", format: "uuid" };
const problem = object({ error: text });
const told = object({ error: text, message: text });

const common: Pick<Operation, "tags" | "security" | "parameters"> = {
  tags: [inboxTag.name],
  security: [{}, { senderBasic: [] }, { senderKey: [] }],
  parameters: [
    {
      name: "id",
      in: "path",
      required: true,
      schema: id,
      description: "A project's inbox id, or a webhook trigger's id. More of a path may follow; it is kept.",
    },
  ],
};

const refusals: Operation["responses"] = {
  401: {
    description: "The URL is protected, and nothing was sent to prove the sender.",
    content: json(problem),
  },
  403: { description: "The inbox or the trigger is switched off.", content: json(told) },
  404: { description: "No such URL, or what was sent proves somebody else.", content: json(problem) },
  429: {
    description: "Too many messages for this URL wait to be stored. Send it again after `Retry-After`.",
    content: json(told),
  },
  500: {
    description: "Where it replies after completion: the message is stored, and nothing is to run.",
    content: json(problem),
  },
  504: {
    description:
      "Where it replies after completion: the message is stored, and its run goes on. Named by an `Idempotency-Key`, the same message asks again how it ended.",
    content: json(object({ error: text, message: text, work_order_id: id })),
  },
  503: { description: "Nothing was stored. Send it again after `Retry-After`.", content: json(told) },
};

const byPath: NonNullable<Operation["parameters"]> = [
  { name: "project", in: "path", required: true, schema: id, description: "A project's id." },
  {
    name: "path",
    in: "path",
    required: true,
    schema: { type: "string", pattern: "^[a-z0-9_-]{1,255}$" },
    description: "The custom path of one of its webhook triggers. More of a path may follow; it is kept.",
  },
];

const instant: JsonSchema = { type: ["string", "null"], format: "date-time" };

/** What a run came to, for whoever waited for it. */
const ended = object({
  data: {},
  meta: object({
    work_order_id: id,
    run_id: id,
    state: text,
    error_type: { type: ["string", "null"] },
    inserted_at: instant,
    started_at: instant,
    claimed_at: instant,
    finished_at: instant,
  }),
});

const took: Operation["responses"] = {
  200: { description: "A webhook trigger took it.", content: json(object({ work_order_id: id })) },
  201: {
    description:
      "Of a trigger that replies after completion: the run has ended, however; the trigger or a job's `state.webhookResponse` may say another status, and 204, 205 and 304 have no body. Of one that speaks OpenRosa: it took a form.",
    content: { ...json(ended), "text/xml": {} },
  },
};

const post = (parameters: Operation["parameters"], operationId: string): Operation => ({
  ...common,
  parameters: parameters ?? [],
  operationId,
  summary:
    "Hands a message over. Any content type; what it means, also of forms and XML, is matched by filters.",
  requestBody: { required: false, content: { "*/*": {} } },
  responses: {
    ...took,
    202: {
      description: "The inbox took it; every matching workflow has a work order.",
      content: json(object({ message_id: id, work_order_ids: { type: "array", items: id } })),
    },
    413: {
      description: "Larger than this installation or the project accepts.",
      content: { "text/plain": {} },
    },
    415: {
      description: "Its Content-Encoding cannot be undone. `Accept-Encoding` says what can.",
      content: json(told),
    },
    ...refusals,
  },
});

const get = (parameters: Operation["parameters"], operationId: string): Operation => ({
  ...common,
  parameters: parameters ?? [],
  operationId,
  summary:
    "Says whether there is something at a URL, and stores nothing; where its trigger takes GET, hands a message over whose data is the query.",
  responses: {
    200: {
      description: "There is; or the trigger took it, as a POST.",
      content: json({ anyOf: [object({ message: text }), object({ work_order_id: id })] }),
    },
    ...refusals,
  },
});

export const inboxPaths: OpenApi["paths"] = {
  "/i/{id}": { post: post(common.parameters, "postInbox"), get: get(common.parameters, "getInbox") },
  "/i/{project}/{path}": { post: post(byPath, "postWebhookPath"), get: get(byPath, "getWebhookPath") },
};
