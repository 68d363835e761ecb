import { spawn } from "node:child_process";
import { afterAll, expect, test } from "vitest";
import { neutralEnvironment } from "@/lib/launcher/throw-away.mjs";

const running = new Set<() => void>();
afterAll(() => {
  for (const stop of running) stop();
});

/** Runs the command as somebody would. Resolves to its exit code and what it said. */
async function chaos(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ["lib/launcher/main.mjs", "chaos", ...args], {
    env: neutralEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => child.kill("SIGTERM");
  running.add(stop);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      said += chunk;
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  running.delete(stop);
  return { code, said };
}

/** Draws every kind of fault within the time, and hits every role. */
const seed = "15444";
/** A loaded machine may take longer to end what waits; how long it takes is not what is tested here. */
const patience = "180";

test.skipIf(process.platform !== "linux")(
  "a minute of faults of every kind under load: everything that was accepted is accounted for",
  async () => {
    const { code, said } = await chaos("--minutes", "0.75", "--seed", seed, "--patience", patience);
    expect(said).toContain("Everything adds up.");
    expect(code).toBe(0);
  },
  600_000,
);
