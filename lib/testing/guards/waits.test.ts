import { describe, expect, test } from "vitest";
import { sources } from "./sources";

/**
 * Everything that waits has a deadline of its own, or stands here with the reason why it needs none. What is found is found
 * by its form: a new wait of these kinds fails until it has one.
 */
type Kind = {
  /** The wait itself, up to its opening bracket if it has one. */
  finds: RegExp;
  /** What its own text, or what stands `above` lines before or `below` lines after it, has when it ends by itself. */
  ends: RegExp;
  above?: number;
  below?: number;
  /** File → how many, and why they need no deadline of their own. */
  without: Record<string, [number, string]>;
};

const person = "somebody at a terminal waits for it, sees that it takes time, and ends it with Ctrl-C";
const supervised = "it is to run for ever: the launcher watches it, replaces it, and ends it in time";
const bounded = "it goes through a bounded number of things, each a statement with its deadline";
const noWait = "it reckons, and waits for nobody";
const answered = "the client of the runner gives up what is silent or too long (lib/runner/waits.ts)";

const kinds: Record<string, Kind> = {
  "a request by fetch": {
    finds: /(?<![\w.#])fetch\(/g,
    ends: /signal/,
    without: { "components/copy-as/javascript.ts": [1, "a text that people copy"] },
  },
  "a request of node:http": {
    finds: /\b(?:https?(?:\(\))?|http\))\.(?:request|get)\(/g,
    ends: /\bsignal\b|\btimeout\b/,
    above: 2,
    without: {},
  },
  "a socket": {
    finds: /\b(?:net|tls(?:\(\))?)\.connect\(/g,
    ends: /setTimeout\(|\btimeout\b/,
    below: 8,
    without: {
      "lib/net/outbound.ts": [2, "the request that it is made for has a signal, which ends it"],
    },
  },
  "an event": {
    finds: /(?<![\w.#])once\(\s*\w+\s*,\s*"/g,
    ends: /signal/,
    without: {
      "lib/runner/adaptors/npm.ts": [1, "within inTime; npm and all that it started is killed before"],
    },
  },
  "a process": {
    finds: /(?<![\w.#])(?:spawn|spawnSync|fork|exec|execFile|execFileSync|execSync)\)?\(/g,
    ends: /\btimeout\b/,
    without: {
      "lib/launcher/admin.mjs": [1, person],
      "lib/launcher/bench.mjs": [1, person],
      "lib/launcher/bench-inngest.mjs": [2, person],
      "lib/launcher/postgres.mjs": [1, supervised],
      "lib/launcher/progress.mjs": [1, person],
      "lib/launcher/supervise.mjs": [1, supervised],
      "lib/launcher/test.mjs": [1, person],
      "lib/launcher/throw-away.mjs": [1, "of tests, which wait for it for five minutes and end it"],
      "lib/runner/adaptors/npm.ts": [1, "killed with all that it started after timeoutMs"],
      "lib/runner/pool/worker-process.ts": [1, "killed when it does not boot, load or end its step in time"],
    },
  },
  "a connection to PostgreSQL": {
    finds: /\bnew (?:\(clientOf\(\w+\)\)|pg\.Client|pg\.Pool|NeonPool|NeonClient)\(/g,
    ends: /connectionTimeoutMillis/,
    above: 7,
    below: 6,
    without: {},
  },
  "a query of Neon over HTTP": { finds: /\bsql\.query\(text, values/g, ends: /signal/, without: {} },
  "a mail": {
    finds: /\bcreateTransport\(/g,
    ends: /connectionTimeout[\s\S]*greetingTimeout[\s\S]*socketTimeout/,
    without: {},
  },
  "a promise that something else settles": {
    finds: /\bnew Promise\b/g,
    ends: /setTimeout|signal|timeout|\.end\(|server\.listen/i,
    without: {
      "components/editor/saving/autosave.tsx": [1, "a dialog is open for as long as a person leaves it open"],
      "components/reauthenticate/dialog.tsx": [1, "a dialog is open for as long as a person leaves it open"],
      "components/signed-out/signed-out-dialog.tsx": [
        1,
        "a dialog is open for as long as a person leaves it open",
      ],
      "components/spec/collect.ts": [2, "the browser reads what a person has dropped"],
      "lib/domain/heavy-read.ts": [
        2,
        "a turn, which is waited for four seconds, and is left when the search is at its end or its client has gone",
      ],
      "lib/inbox/company.ts": [
        1,
        "settled by a statement, which has its deadline, or by the timer of all who wait",
      ],
      "lib/inbox/reply.ts": [
        1,
        "the turn comes within its time, and what is loaded in it is a statement with its deadline",
      ],
      "lib/batcher.ts": [1, "settled by a statement, which has its deadline"],
      "lib/crypto/password.ts": [1, noWait],
      "lib/launcher/admin.mjs": [1, person],
      "lib/launcher/bench.mjs": [1, person],
      "lib/launcher/dev.mjs": [1, person],
      "lib/launcher/start.mjs": [1, "the life of the launcher"],
      "lib/launcher/supervise.mjs": [2, "ready is refused after readyWithinMs; to be given up is no wait"],
      "lib/launcher/test.mjs": [1, person],
      "lib/net/post.ts": [1, "the signal of its request ends all of it"],
      "lib/processes/runner.ts": [1, "raced with farewellMs"],
      "lib/runner/adaptors/index.ts": [
        1,
        "builds before it end within the time of npm, build and inspection; too many are refused",
      ],
      "lib/runner/compiler/compile-thread.ts": [1, "a source that takes too long ends the thread"],
      "lib/runner/egress/door.ts": [1, "the end of the step closes its connections, which settles it"],
      "lib/runner/fleet/fleet.ts": [
        1,
        "settled when all of several requests are, which have their deadlines",
      ],
      "lib/runner/link/step-link.ts": [
        1,
        "a link whose steps are silent is closed, which settles them (lib/runner/waits.ts)",
      ],
      "lib/runner/pool/worker-process.ts": [
        1,
        "whoever asks a worker kills it when its time is over, which settles it",
      ],
      "lib/runner/transport.ts": [
        1,
        "timers for connecting, sending, the head and each line (lib/runner/waits.ts)",
      ],
    },
  },
  "a stream that is read": {
    finds: /\bfor await \(/g,
    ends: /signal/,
    above: 6,
    without: {
      "lib/domain/person/certificates.ts": [1, bounded],
      "lib/domain/person/certify.ts": [1, bounded],
      "lib/domain/person/export.ts": [1, bounded],
      "lib/domain/person/places/request.ts": [1, noWait],
      "lib/net/outbound.ts": [1, "the signal of its request ends it"],
      "lib/runner/client.ts": [1, answered],
      "lib/runner/egress/door.ts": [1, "the end of the step closes its connections"],
      "lib/runner/host/http.ts": [1, "the server's requestTimeout ends it"],
      "lib/runner/step-events.ts": [2, answered],
      "lib/search/seeker.ts": [1, noWait],
    },
  },
  "a loop without an end": {
    finds: /\b(?:for \([^;)]*; ?;[^)]*\)|while \(true\)) \{/g,
    ends: /giveUp|until|deadline|endsAt|signal/i,
    above: 4,
    without: {
      "inngest/embedded/forget.ts": [2, bounded],
      "lib/domain/person/certify.ts": [1, bounded],
      "lib/domain/person/contents.ts": [1, bounded],
      "lib/domain/person/export.ts": [1, bounded],
      "lib/domain/person/places/logs.ts": [1, bounded],
      "lib/domain/purge/rows.ts": [1, bounded],
      "lib/domain/retention/retain.ts": [2, bounded],
      "lib/domain/run/search.ts": [1, bounded],
      "lib/domain/test-run/walk-test.ts": [
        1,
        "as many turns as a test may have jobs, each with its time limit",
      ],
      "lib/execution/execute-run.ts": [1, "as many turns as the run has steps, each with its time limit"],
      "lib/execution/run-step.ts": [1, "as many turns as a step may be repeated, each with its time limit"],
      "lib/json-text.ts": [1, noWait],
      "lib/launcher/lock.mjs": [1, "a turn fails only when somebody else's has just succeeded"],
      "lib/runner/compiler/lazy-state.ts": [1, noWait],
      "lib/runner/compiler/operations.ts": [1, noWait],
      "lib/payloads/clear.ts": [2, bounded],
      "lib/payloads/move.ts": [2, bounded],
      "lib/processes/admin.ts": [1, bounded],
      "lib/processes/engine.ts": [
        1,
        "an engine whose database is away at the start waits for it, as its log and its probe say",
      ],
      "lib/runner/link/frames.ts": [1, noWait],
      "lib/runner/pool/pool.ts": [1, noWait],
    },
  },
  "a lock of the database": {
    finds: /\bpg_advisory_\w*lock\(/g,
    ends: /lock_timeout/,
    above: 4,
    without: {
      "inngest/embedded/schema.ts": [1, "the deadline of its statement"],
      "inngest/lane/claim.ts": [1, "the deadline of its statement"],
      "lib/domain/collection/lock.ts": [1, "the deadline of its statement"],
      "lib/domain/pause/resume-lock.ts": [1, "the deadline of its statement"],
      "lib/domain/run/create.ts": [1, "the deadline of its statement"],
    },
  },
};

const files = sources(["app", "components", "db", "inngest", "lib"], /\.(ts|tsx|mjs)$/)
  // What measures or breaks the product is ended by whoever does it; what runs in a worker, by the deadline of its step.
  .filter(({ file }) => !/^lib\/(bench|runner\/worker)\/|^lib\/launcher\/chaos/.test(file));

/** The index after the bracket that closes the one before `from`. */
function endOf(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if ("([{".includes(text[i] ?? "")) depth++;
    else if (")]}".includes(text[i] ?? "") && --depth === 0) return i + 1;
  }
  return text.length;
}

/** The wait with its arguments, and the lines about it that the kind asks for. */
function around(text: string, at: number, match: string, { above = 0, below = 0 }: Kind): string {
  const open = /[([{]\s*$/.test(match) ? at + match.length : text.indexOf("(", at) + 1;
  const body = text.indexOf("{", open);
  // A loop's own condition is in front of its body.
  const end = /^(for|while)/.test(match) && !match.endsWith("{") ? endOf(text, body + 1) : endOf(text, open);
  const before = text
    .slice(0, at)
    .split("\n")
    .slice(-1 - above)
    .join("\n");
  return (
    before +
    text.slice(at, end) +
    text
      .slice(end)
      .split("\n")
      .slice(0, below + 1)
      .join("\n")
  );
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g, "");

/** Waits of a kind that do not end by themselves: file → how many. */
function endless(kind: Kind): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { file, text: whole } of files) {
    const text = withoutComments(whole);
    const waits = [...text.matchAll(kind.finds)].filter(
      (match) => !kind.ends.test(around(text, match.index, match[0], kind)),
    );
    if (waits.length > 0) found[file] = waits.length;
  }
  return found;
}

describe.each(Object.entries(kinds))("%s", (_, kind) => {
  test("ends by itself, or is listed with why it need not", () => {
    const listed = Object.fromEntries(Object.entries(kind.without).map(([file, [count]]) => [file, count]));
    expect(endless(kind)).toEqual(listed);
  });
});

test("each kind is found where it is known to be", () => {
  for (const [name, { finds }] of Object.entries(kinds))
    expect(
      files.some(({ text }) => text.search(finds) >= 0),
      name,
    ).toBe(true);
});

test("a server says how long a request may be on its way", () => {
  const silent = files.filter(
    ({ text }) =>
      /\bcreateServer\(/.test(text) && !(/requestTimeout =/.test(text) && /headersTimeout =/.test(text)),
  );
  expect(silent.map(({ file }) => file)).toEqual([
    // They take a port for a moment, to see whether it is free.
    "lib/launcher/postgres.mjs",
    "lib/launcher/preflight.mjs",
    // No requests come there: a byte is all that is said, by this user's processes alone.
    "lib/live/bell.ts",
    // It listens nowhere: the end of a step closes the connections that were handed to it.
    "lib/runner/egress/door.ts",
  ]);
});
