import { z } from "zod";
import type { Db } from "@/db/client";
import { Refusal } from "@/lib/refusal";
import { isSealed } from "@/lib/runner/registration";
import { isPlainBeyondLoopback, reachableAddress } from "@/lib/settings/checks.mjs";
import { noteRunner } from "./book";

const printable = /^[\x20-\x7e\u00a0-\uffff]+$/;

/** What a runner says of itself, every few seconds. */
export const runnerRegistration = z.strictObject({
  id: z.uuid().meta({ description: "Of this start of its process." }),
  name: z.string().max(100).regex(printable),
  address: z
    .string()
    .max(300)
    .refine((text) => reachableAddress(text, "address") === undefined, {
      error: "is no address that others reach a runner at: https://host:port",
    }),
  fingerprint: z
    .string()
    .regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    .nullable(),
  capacity: z.int().min(1).max(100_000),
  isDraining: z.boolean(),
  at: z.int().meta({ description: "Milliseconds since the epoch." }),
  seal: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description: "Proves that the runner has the installation's token." }),
});

/**
 * Notes a runner that makes itself known. Throws `unauthenticated` when it does not prove that it has the runners' token,
 * and `invalid` when it would be called in plain text beyond this machine and that is not allowed.
 */
export async function registerRunner(
  deps: { db: Db; token: string | undefined; allowPlain: boolean; now: () => number },
  registration: z.output<typeof runnerRegistration>,
): Promise<void> {
  if (!deps.token || !isSealed(deps.token, registration, deps.now()))
    throw new Refusal(
      "unauthenticated",
      "This registration is not sealed with RUNNER_TOKEN, or the clocks are more than five minutes apart.",
    );
  const { at: _at, seal: _seal, ...life } = registration;
  if (!deps.allowPlain && isPlainBeyondLoopback(life.address))
    throw new Refusal(
      "invalid",
      "Credentials would reach this runner in plain text. Serve it over https:, or set RUNNER_ALLOW_PLAIN=1.",
    );
  await noteRunner(deps.db, life, true);
}
