import { connect } from "@/db/client";
import { env } from "@/lib/env";
import { testEngine } from "./harness";

/** An engine over the test functions in a process of its own: `<schema> <leaseMs>`. Says on standard output what it does. */
const [schema = "", leaseMs = ""] = process.argv.slice(2);
const database = connect(env().DATABASE_URL ?? "", { max: 6 });
const say = (...words: unknown[]) => process.stdout.write(`${words.join(" ")}\n`);
const { engine } = testEngine(database, { schema, leaseMs: Number(leaseMs), pollMs: 100 }, say);
await engine.start();
say("up");
