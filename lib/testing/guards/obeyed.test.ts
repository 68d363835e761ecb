import fs from "node:fs";
import { getTableColumns } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  apiTokens,
  authMethods,
  credentialBodies,
  credentials,
  edges,
  jobs,
  keychainCredentials,
  projects,
  projectTokens,
  triggers,
  workflows,
} from "@/db/schema";

/** What Waybill notes itself, and nobody sets. */
const fact = "fact";
/** A file and a name in it: the test that sees what a setting does, or that it is refused while it does nothing. */
type Seen = typeof fact | readonly [file: string, test: string];

const accept = "lib/inbox/accept.db.test.ts";
const addresses = "lib/inbox/addresses.db.test.ts";
const replies = "lib/inbox/replies.db.test.ts";
const execute = "lib/execution/execute-run.db.test.ts";
const clock = "lib/execution/clock.db.test.ts";
const lines = "lib/queue/lines.db.test.ts";
const following = "lib/execution/following.db.test.ts";
const obeyed = "lib/workflow/obeyed.test.ts";
const rules = "lib/inbox/rules.db.test.ts";
const chosen = "lib/execution/which-credential.db.test.ts";
const retaining = "lib/domain/retention/retain.db.test.ts";
const repositories = "lib/domain/project-token/project-token.db.test.ts";
const facts = { id: fact, createdAt: fact, updatedAt: fact } as const;
const ofItem = { ...facts, projectId: fact, workflowId: fact } as const;

/**
 * Every column of what people set up. A new one needs its line: a setting that is stored and not obeyed tells whoever
 * chose it something untrue.
 */
const seen: Record<string, { table: Parameters<typeof getTableColumns>[0]; columns: Record<string, Seen> }> =
  {
    projects: {
      table: projects,
      columns: {
        ...facts,
        name: [
          "lib/domain/project/project.db.test.ts",
          "shows the caller's projects with role and counts, by name",
        ],
        description: [
          "lib/domain/project/project.db.test.ts",
          "changes what is named and audits only what changed",
        ],
        inboxId: ["lib/domain/project/project.db.test.ts", "rotateInbox replaces the id in the URL"],
        inboxEnabled: ["lib/domain/message/resend.db.test.ts", "is refused where a sender would be"],
        requireSecondFactor: [
          "lib/testing/required-second-factor.db.test.ts",
          "is made one only by who has a second factor",
        ],
        deliveryId: [rules, "finds a delivery's id where its URL says"],
        ratePerMinute: [rules, "into one project, whichever of its URLs"],
        inboxRatePerMinute: [rules, "through one URL"],
        redactions: [
          "lib/inbox/redacted.db.test.ts",
          "is in no table, and stands as its digest where it was",
        ],
        retention: [retaining, "go by the days of their status: successes after 7, failures after 90"],
        persistence: [
          "lib/execution/persistence.db.test.ts",
          "hands states on within a run, stores none, and wipes what the message said after use",
        ],
        retainsFrom: [retaining, "stay for ever where nothing is said, and for an hour after something was"],
        maxBodyBytes: [accept, "and the project's own limit counts"],
        runsPerMonth: ["lib/queue/plan.db.test.ts", "makes a rejected work order and no run"],
        runsPerMinute: ["lib/queue/plan.db.test.ts", "answers 429 with too_many_requests"],
        limitKind: ["lib/queue/plan.db.test.ts", "answers 429 with runs_hard_limit and stores nothing"],
        concurrency: ["inngest/lanes.db.test.ts", "runs of a project that allows two at once"],
        egressAllow: [
          "lib/execution/credential-load.db.test.ts",
          "the runner is told which hosts its project allows",
        ],
        env: [chosen, "has what its credentials are there, for steps and dry runs"],
        fullSince: fact,
        fullUntil: fact,
        pausedAt: [lines, "keeps what comes and what waits, lets what runs end"],
        pausedBy: fact,
        protection: [
          "lib/domain/mask/mask.db.test.ts",
          "hides what a path leads to, and the same text wherever else it stands",
        ],
        unresolvedCredentials: fact,
        deletionScheduledAt: fact,
        deletesAt: fact,
        deletionScheduledBy: fact,
      },
    },
    workflows: {
      table: workflows,
      columns: {
        ...ofItem,
        name: ["lib/domain/workflow/read.db.test.ts", "lists by name, page by page"],
        concurrency: ["inngest/lanes.db.test.ts", "a workflow's own limit counts before its project's"],
        orderKey: [lines, "follow each other in the order in which they came"],
        pausedAt: [lines, "keeps what comes and what waits, lets what runs end"],
        pausedBy: fact,
        jobLogs: ["lib/execution/retry.db.test.ts", "what jobs write to the console is not kept"],
        positions: ["components/workflows/layout.test.ts", "keeps saved places when every node has one"],
        lockVersion: fact,
        snapshotId: fact,
        versionHistory: fact,
        deletedAt: fact,
        archivedAt: [
          "lib/domain/workflow/acts.db.test.ts",
          "switches every trigger off, and lists show it apart",
        ],
      },
    },
    triggers: {
      table: triggers,
      columns: {
        ...ofItem,
        type: [obeyed, "are refused where the type does not obey them"],
        enabled: [accept, "a disabled trigger is 403, for POST only"],
        inclusion: [accept, "messages are matched by containment"],
        exclusion: [accept, "and not when the exclusion is contained"],
        inclusionProbe: fact,
        exclusionProbe: fact,
        filterBytes: fact,
        filterItems: fact,
        cronExpression: [execute, "a due trigger fires once"],
        cronCursorJobId: [execute, "a due trigger fires once, starts from {} and then from the last success"],
        nextRunAt: fact,
        lastTick: fact,
        lastDueAt: fact,
        lastTickAt: fact,
        lastMissed: fact,
        timeZone: [clock, "in a time zone fires by its clock over both changes of the year"],
        whenRunning: [clock, "a tick is skipped where the trigger says so, and that is told"],
        sourceJobId: [following, "starts its workflow when the job has succeeded"],
        deliveryId: [rules, "finds a delivery's id where its URL says"],
        ratePerMinute: [rules, "through one URL"],
        customPath: [addresses, "is an address beside the trigger's own"],
        takesGet: [addresses, "stores what is asked as a message whose data is the query"],
        openRosa: [addresses, "answers the handshake with 204 and how much it takes"],
        webhookReply: [replies, "is answered when the run has ended"],
        webhookResponseConfig: [replies, "has the trigger's status codes"],
      },
    },
    jobs: {
      table: jobs,
      columns: {
        ...ofItem,
        name: [execute, "referral succeeds, payment fails"],
        body: [execute, "referral succeeds, payment fails"],
        adaptor: ["lib/domain/workflow/save.db.test.ts", "pins an adaptor when it is written"],
        adaptorVersion: fact,
        retry: ["lib/execution/retry.db.test.ts", "is tried again as often as its policy says"],
        libraryJobId: ["lib/domain/library/library.db.test.ts", "is refused with what to do"],
        libraryVersion: ["lib/domain/library/library.db.test.ts", "is refused with what to do"],
        projectCredentialId: [
          "lib/execution/credential-load.db.test.ts",
          "the runner is told which credential it is",
        ],
        keychainCredentialId: [chosen, "has the credential whose external id stands at its path"],
      },
    },
    edges: {
      table: edges,
      columns: {
        ...ofItem,
        sourceTriggerId: [
          "lib/workflow/conditions.test.ts",
          "leave a trigger as they leave a step that succeeded",
        ],
        sourceJobId: [
          "lib/workflow/conditions.test.ts",
          "follow always, success and a true expression after success",
        ],
        targetJobId: ["lib/workflow/walk.test.ts", "runs a join once for each incoming path"],
        conditionType: [
          "lib/workflow/conditions.test.ts",
          "follow always, failure and a true expression after a failure",
        ],
        conditionExpression: ["lib/workflow/conditions.test.ts", "name the expressions to evaluate"],
        conditionLabel: ["components/workflows/layout.test.ts", "says an edge's condition by its label"],
        enabled: ["lib/workflow/conditions.test.ts", "those of disabled edges left out"],
      },
    },
    credentials: {
      table: credentials,
      columns: {
        ...facts,
        ownerId: fact,
        name: [
          "lib/domain/credential/credential.db.test.ts",
          "is listed with name and owner, never with its secret",
        ],
        schema: ["e2e/accounts.spec.ts", "a credential is filled in by its adaptor's form"],
        body: ["lib/execution/credential-load.db.test.ts", "the runner is told which credential it is"],
        allowedHosts: ["lib/execution/credential-load.db.test.ts", "and where it may be sent"],
        oauthClientId: [
          "lib/domain/oauth-client/oauth-client.db.test.ts",
          "the tokens are renewed with the client's keys before they end",
        ],
        expiresAt: [
          "lib/domain/credential/tell.db.test.ts",
          "its owner is told 14 and 3 days before its end",
        ],
        renewalFailedAt: fact,
        renewalProblem: fact,
        externalId: [chosen, "has the credential whose external id stands at its path"],
        changedAt: fact,
      },
    },
    credentialBodies: {
      table: credentialBodies,
      columns: {
        ...facts,
        credentialId: fact,
        env: [chosen, "has what its credentials are there, for steps and dry runs"],
        body: [chosen, "has what its credentials are there, for steps and dry runs"],
        allowedHosts: [chosen, "has what its credentials are there, for steps and dry runs"],
      },
    },
    keychainCredentials: {
      table: keychainCredentials,
      columns: {
        ...facts,
        projectId: fact,
        name: [chosen, "is not run without one: the step names the path and what to do"],
        path: [chosen, "has the credential whose external id stands at its path"],
        defaultProjectCredentialId: [chosen, "has the default where nothing stands there"],
        lastUsedAt: fact,
      },
    },
    authMethods: {
      table: authMethods,
      columns: {
        ...facts,
        updatedAt: fact,
        projectId: fact,
        name: ["lib/domain/auth-method/auth-method.db.test.ts", "refuses a name that is used"],
        type: [accept, "any one method lets it in"],
        username: [accept, "any one method lets it in"],
        secret: [accept, "any one method lets it in"],
        digest: fact,
        signature: ["lib/inbox/signed.db.test.ts", "lets in what is signed as its preset says"],
        signatureSecret: fact,
        oldDigest: fact,
        oldSignatureSecret: fact,
        oldEndsAt: ["lib/inbox/signed.db.test.ts", "counts beside the new one until its moment"],
        onInbox: [
          "lib/domain/auth-method/auth-method.db.test.ts",
          "says what a method protects, all of it, audited",
        ],
      },
    },
    apiTokens: {
      table: apiTokens,
      columns: {
        ...facts,
        userId: fact,
        projectId: ["lib/domain/token/token.db.test.ts", "is bound only to projects of its owner"],
        projectIds: [
          "lib/domain/token/token.db.test.ts",
          "says what it may do and where, and ends on its day",
        ],
        scopes: ["lib/domain/token/token.db.test.ts", "has a scope, a project that is its person's"],
        name: ["lib/domain/token/token.db.test.ts", "names its owner"],
        tokenHash: fact,
        lastUsedAt: fact,
        expiresAt: [
          "lib/domain/token/token.db.test.ts",
          "ends when it expires, is revoked, or its owner is disabled",
        ],
        revokedAt: [
          "lib/domain/token/token.db.test.ts",
          "ends when it expires, is revoked, or its owner is disabled",
        ],
      },
    },
    projectTokens: {
      table: projectTokens,
      columns: {
        ...facts,
        projectId: [repositories, "works in its project alone"],
        name: [repositories, "is the project's, shown once"],
        scopes: [repositories, "has a name, a scope and a day to come"],
        tokenHash: fact,
        createdBy: [repositories, "stays when whoever made it is removed or purged"],
        lastUsedAt: fact,
        expiresAt: [repositories, "ends when it expires or is revoked"],
        revokedAt: [repositories, "ends when it expires or is revoked"],
      },
    },
  };

test.each(Object.entries(seen))(
  "every setting in %s has a test that sees what it does",
  (_, { table, columns }) => {
    expect(Object.keys(getTableColumns(table)).filter((column) => !Object.hasOwn(columns, column))).toEqual(
      [],
    );
    const unseen = Object.entries(columns).filter(
      ([, one]) => one !== fact && !fs.readFileSync(one[0], "utf8").includes(one[1]),
    );
    expect(unseen).toEqual([]);
  },
);
