import { connect } from "@/db/client";
import type { EventInput } from "@/inngest/embedded/protocol";
import { env } from "@/lib/env";
import { testEngine } from "./harness";

/**
 * An engine over the test functions in a process of its own, which also takes events: `<schema>`. It is bundled with the
 * sources of two releases, so it uses only what both have. Standard output has what functions did; messages are
 * `{ ready }` and, for each `{ send, events }`, `{ accepted: send }` once the events are stored.
 */
const [schema = ""] = process.argv.slice(2);
const database = connect(env().DATABASE_URL ?? "", { max: 8 });
const say = (...words: unknown[]) => process.stdout.write(`${words.join(" ")}\n`);
const options = { schema, leaseMs: 3000, pollMs: 100, maxInFlight: 8 };
const { engine } = testEngine(database, options, say);

type Order = { send: number; events: EventInput[] };
process.on("message", ({ send, events }: Order) => {
  engine.send(events).then(
    () => process.send?.({ accepted: send }),
    (error: unknown) => process.send?.({ refused: send, reason: String(error) }),
  );
});
process.on("SIGTERM", () => void engine.stop(20_000).finally(() => process.exit(0)));
await engine.start();
process.send?.({ ready: true });
