/**
 * The domain's words, each list once. Pure: pages, processes and `db/schema` import them; the database refuses every
 * other word (`wordChecks` in db/columns.ts).
 */

/** What has an id that a client chose or a sender knows, see `taken_ids` in db/schema/projects.ts. */
export const idKinds = ["project", "inbox", "workflow", "trigger", "job", "edge", "collection"] as const;
export type IdKind = (typeof idKinds)[number];

export const roles = ["owner", "admin", "editor", "viewer"] as const;
export type Role = (typeof roles)[number];
/** Roles that things can be masked for. Owner and admins decide what is, so for them nothing is. */
export const maskableRoles = ["editor", "viewer"] as const satisfies Role[];
export type MaskableRole = (typeof maskableRoles)[number];
/** Roles that may be kept from downloading. */
export const downloadRoles = ["admin", "editor", "viewer"] as const satisfies Role[];

/** What an API token may be made for; each route names the one it needs (lib/http/declaration.ts). */
export const tokenScopes = ["read", "write", "deploy", "run"] as const;
export type TokenScope = (typeof tokenScopes)[number];

/** What becomes of a message when its project's plan has no run left this month: kept with its work orders rejected, or refused. */
export const limitKinds = ["soft", "hard"] as const;
export type LimitKind = (typeof limitKinds)[number];

/** Which part of a plan kept a work order from running. */
export const rejectionCauses = ["month", "minute"] as const;

/** How a run can have ended: seed 3's taxonomy. */
export const finalRunStates = [
  "success",
  "failed",
  "crashed",
  "cancelled",
  "killed",
  "exception",
  "lost",
  "rejected",
] as const;
export type FinalRunState = (typeof finalRunStates)[number];

/** And the two states before the end. */
export const runStates = ["pending", "running", ...finalRunStates] as const;
export type RunState = (typeof runStates)[number];

/** Ends of a run that are part of an issue (lib/domain/issue) and that people are told of (lib/domain/notice/rules): the others are wished for, or somebody's own doing. */
export const toldStatuses = ["failed", "crashed", "killed", "exception", "lost"] as const;
export type ToldStatus = (typeof toldStatuses)[number];

/** How often somebody gets a project's numbers. OpenFn's words. */
export const digestWords = ["never", "daily", "weekly", "monthly"] as const;
export type DigestWord = (typeof digestWords)[number];

/** How an issue stands: failures of one cause. */
export const issueStates = ["open", "acknowledged", "resolved", "ignored"] as const;
export type IssueState = (typeof issueStates)[number];

/** Why a step ended. `null` in the table while it runs. OpenFn worker's words. */
export const exitReasons = ["success", "fail", "crash", "kill", "cancel", "exception", "lost"] as const;
export type ExitReason = (typeof exitReasons)[number];

/** How runs end, and steps. */
export const endWords = [...finalRunStates, "fail", "crash", "kill", "cancel"] as const satisfies readonly (
  | FinalRunState
  | ExitReason
)[];

/** How a step stands, its exit reason once it has one. */
export const stepStates = ["running", ...exitReasons] as const;
export type StepState = (typeof stepStates)[number];

/** Whether a trigger takes a message, and if not, what of it says so: lib/domain/message/matching.ts. */
export const matchingOutcomes = [
  "matches",
  "inclusion",
  "exclusion",
  "disabled",
  "unsaved",
  "other_address",
  "masked",
] as const;

/** Seed 1: how a job stands for a message. */
export const jobStateResults = ["in_progress", "success", "failure"] as const;
export type JobStateResult = (typeof jobStateResults)[number];

/** The same as it is stored: a failure that another step of its run followed is told apart. */
export const jobStateWords = [...jobStateResults, "handled"] as const;
export type JobStateWord = (typeof jobStateWords)[number];

/** What the inbox says of a message and a job, and what it says while there is no job to speak of. */
export const messageStates = [...jobStateWords, "waiting", "unmatched"] as const;
export type MessageState = (typeof messageStates)[number];

/** Sets of runs beside their states; lib/workflow/outcome.ts says what is in them. */
export const runSets = ["step_failed", "handled", "unsuccessful"] as const;
export type RunSet = (typeof runSets)[number];

/** What the activity history can be filtered by, and what the inbox can. */
export const runFilterStates = [...runStates, ...runSets] as const;
export type RunFilterState = (typeof runFilterStates)[number];
export const messageFilterStates = [
  ...messageStates,
  "unhandled",
  "unsuccessful",
  "rejected",
  "test",
] as const;
export type MessageFilterState = (typeof messageFilterStates)[number];

/** `flow` and `catch` follow a job of another workflow: its success, its failure. */
export const triggerTypes = ["webhook", "message_filter", "cron", "flow", "catch"] as const;
export type TriggerType = (typeof triggerTypes)[number];

/** What becomes of a turn of the clock while the run of the turn before goes on. */
export const whenRunningWords = ["queue", "skip"] as const;
export type WhenRunning = (typeof whenRunningWords)[number];

/** What came of a cron trigger's time; `limited`: the project's plan had no run left for it. */
export const tickWords = ["started", "skipped", "limited"] as const;
export type TickWord = (typeof tickWords)[number];

/** Where a version of a workflow came from: a page, a command line, a file that a person brought, or an older version. */
export const versionSources = ["app", "cli", "import", "restore"] as const;
export type VersionSource = (typeof versionSources)[number];

export const edgeConditions = ["always", "on_job_success", "on_job_failure", "js_expression"] as const;
export type EdgeCondition = (typeof edgeConditions)[number];

/** `test`: it came to the test URL of somebody's draft. */
export const messageSources = ["inbox", "webhook", "resend", "manual", "test"] as const;
export type MessageSource = (typeof messageSources)[number];

/** How the stored bytes of a message are to be read. */
export const messageFormats = ["json", "form", "multipart", "xml", "text", "binary", "empty"] as const;
export type MessageFormat = (typeof messageFormats)[number];

/** Formats that a person may choose for a message's body. */
export const chosenFormats = ["json", "form", "multipart", "xml", "text", "binary"] as const;
export type ChosenFormat = (typeof chosenFormats)[number];

/** Where a body's charset was taken from. */
export const charsetSources = ["declared", "document", "mark", "pattern", "assumed", "chosen"] as const;
export type CharsetSource = (typeof charsetSources)[number];

/** What was odd about a body when it was read. */
export const readingNotes = [
  "charset_unknown",
  "charset_mismatch",
  "coding_absent",
  "coding_is_charset",
  "malformed",
  "repeated_fields",
  "deep_fields",
  "unnamed_parts",
  "entities_kept",
] as const;
export type ReadingNote = (typeof readingNotes)[number];

/** Why a request to an inbox URL made no message. */
export const refusalCauses = [
  "no_credentials",
  "wrong_credentials",
  "wrong_signature",
  "disabled",
  "too_large",
  "unreadable",
  "unredactable",
  "too_many",
  "plan",
  "backlog",
  "repeat",
] as const;
export type RefusalCause = (typeof refusalCauses)[number];

/** Whose such a request is: of somebody who has not proved it, of one who has, or again of one. */
export type RefusedOf = "stranger" | "sender" | "repeat";

/** What a project keeps of what its runs hand on, in OpenFn's words (lib/domain/retention). */
export const persistences = ["retain_all", "retain_with_errors", "erase_all"] as const;
export type Persistence = (typeof persistences)[number];

/** Why something is not kept any more: its days are over, its project keeps no such thing, or a person's data was wiped. */
export const wipedForWords = ["retention", "persistence", "person"] as const;
export type WipedFor = (typeof wipedForWords)[number];

/** What retention walks through, each by its own cursor; lib/domain/retention/kinds.ts says what each is. */
export const retentionKinds = [
  "messages",
  "outputs",
  "inputs",
  "logs",
  "lines",
  "orders",
  "unmatched",
] as const;
export type RetentionKind = (typeof retentionKinds)[number];

export const dataclipTypes = ["step_result", "saved_input", "global"] as const;

export const logLevels = ["debug", "info", "success", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** JOB = the job's own console, ADA = its adaptor, R/T = the runner. OpenFn's words. */
export const logSources = ["JOB", "ADA", "R/T"] as const;
export type LogSource = (typeof logSources)[number];

export const actorTypes = ["user", "token", "webhook", "system"] as const;

export const authMethodTypes = ["basic", "api", "hmac"] as const;
export type AuthMethodType = (typeof authMethodTypes)[number];

/** Whose way of proving who sends it is; `header` and `kobo` send the secret itself. */
export const signaturePresets = [
  "github",
  "standard_webhooks",
  "stripe",
  "twilio",
  "commcare",
  "kobo",
  "header",
  "generic",
] as const;
export type SignaturePreset = (typeof signaturePresets)[number];

export const signatureAlgorithms = ["sha256", "sha1", "sha512"] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

export const signatureEncodings = ["hex", "base64"] as const;
export type SignatureEncoding = (typeof signatureEncodings)[number];

/** How senders sign what they send. */
export type SignatureScheme =
  | GenericScheme
  | SecretHeaderScheme
  | { preset: "github" | "twilio" | "commcare" }
  | TimedScheme;

/** The signature says when; it counts for `toleranceSeconds`, 300 where they are not chosen. */
export type TimedScheme = { preset: "standard_webhooks" | "stripe"; toleranceSeconds?: number };

/** Nothing is signed: the secret itself stands in a header that the sender was told to add. */
export type SecretHeaderScheme = {
  preset: "header" | "kobo";
  /** Lower case. */
  header: string;
  /** What stands before the secret, such as `Bearer `. */
  prefix: string;
};

export type GenericScheme = {
  preset: "generic";
  /** Lower case. */
  header: string;
  algorithm: SignatureAlgorithm;
  encoding: SignatureEncoding;
  /** What stands before the signature in the header, such as `sha256=`. */
  prefix: string;
};

/** When a webhook's senders are answered. OpenFn's `custom` is its word for the future, and answers as `before_start`. */
export const webhookReplies = ["before_start", "after_completion", "custom"] as const;
export type WebhookReply = (typeof webhookReplies)[number];

/** What a person asked for, what came by itself, and what bulk acts queue: in this order. */
export const priorities = ["immediate", "normal", "bulk"] as const;
export type Priority = (typeof priorities)[number];

/** Why a pending run must not start yet: an earlier one of its key is unfinished, or its workflow or project is paused. */
export const waitReasons = ["turn", "resume"] as const;

/** What the outbox holds; lib/queue/events.ts says what comes with each. */
export const outboxEvents = [
  "run/requested",
  "run/cancelled",
  "runs/resumed",
  "deletion/requested",
  "bulk/requested",
  "notices/requested",
  "issues/requested",
  "person/requested",
  "test/requested",
] as const;
export type OutboxEventName = (typeof outboxEvents)[number];

/** What a bulk act does with each of its items (lib/domain/bulk). */
export const bulkKinds = ["rerun", "reprocess", "cancel", "release"] as const;
export type BulkKind = (typeof bulkKinds)[number];

/** What its items are: messages of the inbox, runs of the activity history, work orders that were rejected, or those that an issue affects. */
export const bulkTargets = ["messages", "runs", "rejected", "issue"] as const;
export type BulkTarget = (typeof bulkTargets)[number];

export const bulkStates = ["running", "paused", "done", "aborted", "undoing", "undone"] as const;
export type BulkState = (typeof bulkStates)[number];

/** What a bulk act that is under way waits for: nothing here is a refusal. */
export const bulkWaits = ["ten_seconds", "rate", "room", "round", "plan"] as const;
export type BulkWait = (typeof bulkWaits)[number];

/** Why a bulk act could not do something with an item; lib/domain/bulk/reasons.ts says each in a sentence. */
export const bulkReasons = [
  "gone",
  "wiped",
  "lost",
  "deleted_workflow",
  "no_job",
  "no_step",
  "no_trigger",
  "unmatched",
  "unfinished",
  "elsewhere",
  "plan",
  "test",
] as const;
export type BulkReason = (typeof bulkReasons)[number];

/** What people are told of; lib/domain/notice/makers.ts names who says it. */
export const noticeKinds = [
  "issue",
  "digest",
  "plan",
  "credential_expiry",
  "credential_transfer",
  "channel",
  "operator",
  "test",
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** `uncertain`: it may have arrived, and nobody knows; `stopped`: nobody wants it any more. */
export const noticeStates = ["waiting", "sent", "failed", "uncertain", "stopped"] as const;
export type NoticeState = (typeof noticeStates)[number];

export const channelTypes = ["webhook", "slack"] as const;
export type ChannelType = (typeof channelTypes)[number];

/** What the link in a notice stops, for its reader and project: what is told at once, or digests. */
export const stopKinds = ["at_once", "digest"] as const;
export type StopKind = (typeof stopKinds)[number];

/** What a key is for that the database remembers: SECRET_KEY's, and those that seal stored secrets. */
export const keyPurposes = ["secret", "credential"] as const;
export type KeyPurpose = (typeof keyPurposes)[number];

/** Services whose OAuth2 addresses are known; `generic` is any other. */
export const oauthProviders = ["google", "salesforce", "microsoft", "generic"] as const;
export type OauthProvider = (typeof oauthProviders)[number];

/** How a client proves itself to a token server (RFC 6749 §2.3.1); `none`: it has no secret, PKCE alone. */
export const tokenAuthMethods = ["client_secret_post", "client_secret_basic", "none"] as const;
export type TokenAuthMethod = (typeof tokenAuthMethods)[number];
/** How far the search for one person's data is, and what became of it (lib/domain/person). */
export const personStates = [
  "scanning",
  "found",
  "wiping",
  "verifying",
  "wiped",
  "cancelled",
  "expired",
  "failed",
] as const;
export type PersonState = (typeof personStates)[number];

/** What can hold a person's data. */
export const personKinds = [
  "message",
  "step",
  "run",
  "input",
  "saved_input",
  "cursor",
  "collection_item",
  "refused",
  "issue",
  "audit",
  "bulk_act",
  "notice",
  "mail",
  "note",
  "code",
  "setting",
  "test",
] as const;
export type PersonKind = (typeof personKinds)[number];

/** Why something is part of it: it holds a key itself, or was made from what does. */
export const personVia = ["found", "made"] as const;
export type PersonVia = (typeof personVia)[number];

/** What pages are told to look at again. Of workflows: a version, a switch, a draft. */
export const liveTopics = ["messages", "runs", "issues", "workflows", "tests"] as const;
export type LiveTopic = (typeof liveTopics)[number];

/** How a draft is tested: its requests are kept, or really sent. */
export const testModes = ["record", "send"] as const;
export type TestMode = (typeof testModes)[number];

/** Why a test was made: somebody asked, a request came to the draft's test URL, or its clock was due. */
export const testSources = ["hand", "url", "clock"] as const;
export type TestSource = (typeof testSources)[number];

/** What a test begins with. `clock`: what a cron trigger's next run would; `none`: an empty state. */
export const testInputs = ["message", "dataclip", "step", "json", "clock", "none"] as const;
export type TestInput = (typeof testInputs)[number];

/** How a test stands. No plan rejects one. */
export const testStates = [
  "waiting",
  "running",
  "success",
  "failed",
  "crashed",
  "cancelled",
  "killed",
  "exception",
  "lost",
] as const;
export type TestState = (typeof testStates)[number];
