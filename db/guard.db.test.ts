import net from "node:net";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { causes } from "@/lib/error-code";
import { until } from "@/lib/launcher/processes.mjs";
import { testConnect, testDatabase } from "@/lib/testing/database";
import { type Stretch, startProxy } from "@/lib/testing/proxy";
import { connect, type Database } from "./client";
import { asWork, DeadlineError, HungUpError, type WorkKind } from "./deadline";
import { isOutage } from "./outage";

let database: Database;
let watcher: Database;
const name = "waybill-guard-test";
beforeAll(() => {
  watcher = testDatabase();
  database = testConnect(inject("databaseUrl"), { max: 2, applicationName: name, kind: "read" });
});
afterAll(() => database.close());

/** Statements that the server executes for this file at the moment. */
const running = async () =>
  watcher.query<{ query: string }>(
    "select query from pg_stat_activity where application_name = $1 and state = 'active' and query like '%pg_sleep%'",
    [name],
  );
const sleep = (seconds = 60) => database.query("select pg_sleep($1)", [seconds]);
const soon = () => ({ kind: "read", endsAt: performance.now() + 300 }) as const;

describe("a statement past its deadline", () => {
  it("ends with an error that counts as an outage, here and on the server", async () => {
    const error = await asWork(soon(), () => sleep()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DeadlineError);
    expect(isOutage(error)).toBe(true);
    expect(await until(async () => (await running()).length === 0, 20_000)).toBe(true);
    expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("ends in a transaction, which leaves nothing, of ours and of Drizzle's", async () => {
    const insert = "insert into mails (\"to\", subject, text) values ('guard@example.org', 's', 't')";
    const ours = asWork(soon(), () =>
      database.transaction(async (tx) => {
        await tx.query(insert);
        await tx.query("select pg_sleep(60)");
      }),
    );
    await expect(ours).rejects.toBeInstanceOf(DeadlineError);
    const theirs = asWork(soon(), () =>
      database.db.transaction(async (tx) => {
        await tx.execute(sql.raw(insert));
        await tx.execute(sql`select pg_sleep(60)`);
      }),
    );
    const thrown = await theirs.catch((error: unknown) => error);
    expect(causes(thrown).some((one) => one instanceof DeadlineError)).toBe(true);
    expect(await watcher.query("select 1 from mails where \"to\" = 'guard@example.org'")).toEqual([]);
  });

  it("ends while it waits for a connection, and the others go on", async () => {
    const busy = [sleep(2), sleep(2)];
    await expect(asWork(soon(), () => database.query("select 1"))).rejects.toBeInstanceOf(DeadlineError);
    await Promise.all(busy);
    expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("is ended by the server too, should we be gone by then", async () => {
    const [told] = await database.query<{ limit: string }>(
      "select current_setting('statement_timeout') as limit",
    );
    expect(told?.limit).toBe("16s");
    const [longer] = await asWork({ kind: "background" }, () =>
      database.query<{ limit: string }>("select current_setting('statement_timeout') as limit"),
    );
    expect(longer?.limit).toBe("121s");
  });

  it("is told the server once for all that an engine does on a connection", async () => {
    const one = testConnect(inject("databaseUrl"), { max: 1, applicationName: name, kind: "background" });
    try {
      const limits: unknown[] = [];
      for (const kind of ["pulse", "background", "pulse"] as const)
        limits.push(
          ...(await asWork({ kind }, () =>
            one.query("select current_setting('statement_timeout') as limit"),
          )),
        );
      expect(limits).toEqual(Array(3).fill({ limit: "121s" }));
    } finally {
      await one.close();
    }
  });

  it("is planned once for any values where it comes again and again under a name, and for those at hand elsewhere", async () => {
    const one = testConnect(inject("databaseUrl"), { max: 1, applicationName: name });
    const mode = "select current_setting('plan_cache_mode') as mode, $1::int as n";
    const modes = async (kind: WorkKind, ask: string | undefined) =>
      asWork({ kind }, async () => (await one.query<{ mode: string }>(mode, [1], ask))[0]?.mode);
    try {
      expect(await modes("background", "named")).toBe("force_generic_plan");
      expect(await modes("background", undefined)).toBe("auto");
      expect(await modes("accept", "named")).toBe("force_generic_plan");
      expect(await modes("read", "named")).toBe("auto");
      await modes("pulse", "named");
      const [planned] = await one.query(
        "select custom_plans::int as once, generic_plans::int as kept from pg_prepared_statements where name = 'named'",
      );
      expect(planned).toEqual({ once: 1, kept: 3 });
    } finally {
      await one.close();
    }
  });
});

it("a connection that falls silent is given up and not used again", async () => {
  const { hostname, port } = new URL(inject("databaseUrl"));
  const pairs: [net.Socket, net.Socket][] = [];
  const between = net.createServer((here) => {
    const there = net.connect(Number(port), hostname);
    for (const one of [here, there]) one.on("error", () => {});
    pairs.push([here, there]);
    here.pipe(there).pipe(here);
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  const url = new URL(inject("databaseUrl"));
  url.hostname = "127.0.0.1";
  url.port = String((between.address() as net.AddressInfo).port);
  // Straight over TCP: where Neon's driver connects is not the address's to say.
  const far = connect(url.href, { max: 1, kind: "read" });
  try {
    await far.query("select 1");
    for (const [here, there] of pairs) here.unpipe(there);
    await expect(asWork(soon(), () => far.query("select 1"))).rejects.toBeInstanceOf(DeadlineError);
    expect(await far.query("select 2 as two")).toEqual([{ two: 2 }]);
  } finally {
    await far.close();
    for (const one of pairs.flat()) one.destroy();
    between.close();
  }
});

describe("where the network swallows packets", () => {
  let stretch: Stretch;
  let far: Database;
  beforeEach(async () => {
    const proxy = inject("neonProxy");
    const { hostname, port } = new URL(proxy ? `http://${proxy}` : inject("databaseUrl"));
    stretch = await startProxy({ host: hostname, port: Number(port) });
    const through = String((stretch.place as { port: number }).port);
    const url = new URL(inject("databaseUrl"));
    if (!proxy) url.port = through;
    far = connect(url.href, {
      max: 2,
      kind: "accept",
      neonProxy: proxy?.replace(/:\d+/, `:${through}`),
    });
  });
  afterEach(async () => {
    await far.close();
    await stretch.close();
    // Neon's driver keeps the way to its servers in one place a process.
    await testConnect(inject("databaseUrl")).close();
  });
  const late = (act: () => Promise<unknown>) =>
    expect(asWork(soon(), act)).rejects.toBeInstanceOf(DeadlineError);

  it("before a connection stands, whoever waits for one hears of it, and closing does not wait", async () => {
    stretch.blackhole();
    await Promise.all([1, 2, 3].map(() => late(() => far.query("select 1"))));
    expect(far.answeredAt()).toBeNull();
  });

  it("in a query, a transaction and its end, they are given up; and it goes on when packets pass again", async () => {
    expect(await far.query("select 1 as one")).toEqual([{ one: 1 }]);
    expect(far.answeredAt()).not.toBeNull();
    await late(() =>
      far.transaction(async (tx) => {
        await tx.query("select 1");
        stretch.blackhole();
      }),
    );
    await Promise.all([1, 2, 3].map(() => late(() => far.query("select 1"))));
    await stretch.heal({ isReset: true });
    const isBack = () =>
      asWork({ kind: "read" }, () => far.query("select 2 as two")).then(
        () => true,
        () => false,
      );
    expect(await until(isBack, 20_000)).toBe(true);
  });
});

describe("work whose client hangs up", () => {
  const hungUp = async (act: () => Promise<unknown>) => {
    const client = new AbortController();
    const done = asWork({ kind: "read", signal: client.signal }, act).catch((thrown: unknown) => thrown);
    expect(await until(async () => (await running()).length === 1, 20_000)).toBe(true);
    client.abort();
    return done;
  };

  it("stops its statement on the server", async () => {
    expect(await hungUp(() => sleep())).toBeInstanceOf(HungUpError);
    expect(await until(async () => (await running()).length === 0, 20_000)).toBe(true);
  });

  it("rolls its transaction back, and gives both connections back", async () => {
    for (let i = 0; i < 3; i++) {
      await hungUp(() =>
        database.db.transaction(async (tx) => {
          await tx.execute(
            sql`insert into mails ("to", subject, text) values ('guard2@example.org', 's', 't')`,
          );
          await tx.execute(sql`select pg_sleep(60)`);
        }),
      );
    }
    expect(await watcher.query("select 1 from mails where \"to\" = 'guard2@example.org'")).toEqual([]);
    expect(await Promise.all([database.query("select 1 as n"), database.query("select 2 as n")])).toEqual([
      [{ n: 1 }],
      [{ n: 2 }],
    ]);
  });

  it("commits nothing when that happens between its last statement and the commit", async () => {
    const client = new AbortController();
    const done = asWork({ kind: "act", signal: client.signal }, () =>
      database.db.transaction(async (tx) => {
        await tx.execute(
          sql`insert into mails ("to", subject, text) values ('guard3@example.org', 's', 't')`,
        );
        client.abort();
      }),
    );
    await expect(done).rejects.toThrow();
    expect(await watcher.query("select 1 from mails where \"to\" = 'guard3@example.org'")).toEqual([]);
  });

  it("begins nothing afterwards", async () => {
    const signal = AbortSignal.abort();
    await expect(asWork({ kind: "read", signal }, () => sleep())).rejects.toBeInstanceOf(HungUpError);
    await expect(
      asWork({ kind: "read", signal }, () => database.transaction(async () => 1)),
    ).rejects.toBeInstanceOf(HungUpError);
  });
});
