import type { Inngest, InngestFunction } from "inngest";
import { serve } from "inngest/edge";
import { z } from "zod";
import { inngest } from "@/inngest/client";
import { fetchRegistration, type Handler } from "@/inngest/embedded/call";
import { type EngineFunction, readFunctions } from "@/inngest/embedded/functions";
import { env, publicUrl } from "@/lib/env";
import type { InngestApi } from "./api";

/** What must agree for Inngest to drive a function as this release means it. */
type Summary = { id: string; triggers: string[]; limits: string[]; attempts: number; at: string };

const connection = "connection";
/** Inngest has one name for this machine, and a scheme of its own for what is executed over a connection. */
const placeOf = (uri: string): string => {
  if (uri.startsWith("ws")) return connection;
  const { protocol, hostname, port, pathname } = new URL(uri);
  const host = /^(127\.0\.0\.1|0\.0\.0\.0|\[::1?\])$/.test(hostname) ? "localhost" : hostname;
  return `${protocol}//${host}:${port}${pathname}`;
};

const ownSummary = ({ id, events, crons, limits, maxAttempts }: EngineFunction, at: string): Summary => ({
  id,
  triggers: [...events.map((event) => event.name), ...crons].sort(),
  limits: limits.map(({ limit, key }) => `${limit} ${key ?? ""}`).sort(),
  attempts: maxAttempts,
  at,
});

const limits = z.array(z.object({ limit: z.number(), key: z.string().nullish() }));

const known = z.array(
  z
    .object({
      id: z.string(),
      config: z.object({
        triggers: z.array(z.object({ event: z.string().optional(), cron: z.string().optional() })),
        // Of a function that is executed over a connection, the limits of its steps stand apart.
        concurrency: z
          .union([limits, z.object({ step: limits.nullish() }).transform(({ step }) => step)])
          .nullish(),
        steps: z.tuple([z.object({ uri: z.url(), retries: z.number().nullish() })]),
      }),
    })
    .transform(
      ({ id, config }): Summary => ({
        id,
        triggers: config.triggers.map(({ event, cron }) => event ?? cron ?? "").sort(),
        limits: (config.concurrency ?? []).map(({ limit, key }) => `${limit} ${key ?? ""}`).sort(),
        attempts: (config.steps[0].retries ?? 0) + 1,
        at: placeOf(config.steps[0].uri),
      }),
    ),
);

/** How Inngest stands to us. `silent` and `refused` carry what it answered, null when it did not. */
export type Standing =
  | { kind: "ready" }
  | { kind: "silent"; status: number | null }
  | { kind: "refused" }
  | { kind: "unregistered" }
  | { kind: "outdated" };

type Options = {
  client: Inngest.Any;
  load: () => Promise<InngestFunction.Any[]>;
  /** Where Inngest calls them. */
  url: string;
  /** It does not: this product's engine opens a connection for them. */
  isConnected?: boolean;
  signingKey: string;
};

/** Our functions as we have them and as Inngest does, and how it comes to know them. */
export class ServedFunctions {
  readonly #options: Options;
  #handler: Promise<Handler> | undefined;
  #own: Promise<Summary[]> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Tells Inngest of them; telling it again changes nothing. Throws a sentence when it does not take them. */
  async register(): Promise<void> {
    const handler = await this.#loaded();
    const { url } = this.#options;
    // The SDK wants the header also where the address is whole.
    const headers = { host: new URL(url).host };
    const response = await handler(new Request(url, { method: "PUT", headers }));
    if (response.ok) return;
    const { message } = z
      .looseObject({ message: z.string().catch("") })
      .catch({ message: "" })
      .parse(await response.json().catch(() => null));
    throw new Error(`Inngest did not take the functions (status ${response.status}). ${message}`);
  }

  /** Asks Inngest which of them it knows. Never throws because of Inngest. */
  async standing(api: InngestApi): Promise<Standing> {
    const answer = await api(`/v1/apps/${this.#options.client.id}/functions`).catch(() => null);
    if (answer === null) return { kind: "silent", status: null };
    if (answer.status === 401 || answer.status === 403) return { kind: "refused" };
    if (answer.status === 404) return { kind: "unregistered" };
    const functions = known.safeParse(answer.body ?? []);
    if (answer.status !== 200 || !functions.success) return { kind: "silent", status: answer.status };
    if (functions.data.length === 0) return { kind: "unregistered" };
    const theirs = new Map(functions.data.map((fn) => [fn.id, JSON.stringify(fn)]));
    const isSame = (await this.#summaries()).every((fn) => theirs.get(fn.id) === JSON.stringify(fn));
    return { kind: isSame ? "ready" : "outdated" };
  }

  /** Never behind a door: Inngest itself calls the web's route, which wants signatures. */
  #loaded(): Promise<Handler> {
    const { client, load } = this.#options;
    this.#handler ??= load().then((functions) => serve({ client, functions, enableUnauthedSync: true }));
    return this.#handler;
  }

  #summaries(): Promise<Summary[]> {
    const { url, signingKey, isConnected } = this.#options;
    const at = isConnected ? connection : placeOf(url);
    this.#own ??= this.#loaded()
      .then((handler) => fetchRegistration({ handler, url, signingKey }))
      .then((functions) => readFunctions(functions).map((fn) => ownSummary(fn, at)));
    return this.#own;
  }
}

let shared: ServedFunctions | undefined;

/** The product's functions, for the Inngest that the environment names. */
export function servedFunctions(): ServedFunctions {
  const e = env();
  const origin = (e.INNGEST_SERVE_ORIGIN ?? publicUrl(e)).replace(/\/$/, "");
  shared ??= new ServedFunctions({
    client: inngest,
    load: () => import("@/inngest/functions").then(({ functions }) => functions),
    url: `${origin}/api/inngest`,
    signingKey: e.INNGEST_SIGNING_KEY ?? "",
    isConnected: e.INNGEST_CONNECT,
  });
  return shared;
}
