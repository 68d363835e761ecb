import { randomUUID } from "node:crypto";
import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Database } from "@/db/client";
import type { EgressPolicy } from "@/lib/net/egress-policy";
import { ownTestDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  createTestProject,
  createTestUser,
  type TestProject,
  type TestUser,
} from "@/lib/testing/fixtures";
import { Killed, mortal } from "@/lib/testing/mortal";
import type { Content, ContentMaker } from "./contents";
import type { NewNotice } from "./queue";

type Answer = { responseCode?: number; text?: string; dies?: boolean; waits?: Promise<unknown> };

/** What the mail server does with whom; by default it takes everything. */
let atRecipient: (to: string) => Answer | null = () => null;
let atData: (to: string) => Answer | null = () => null;
let mails: ParsedMail[] = [];
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onRcptTo: ({ address }, _session, done) => {
    const said = atRecipient(address);
    done(said && Object.assign(new Error(said.text ?? "no"), said));
  },
  onData: (stream: SMTPServerDataStream, session, done) => {
    const to = session.envelope.rcptTo[0]?.address ?? "";
    simpleParser(stream).then(async (mail) => {
      const said = atData(to);
      await said?.waits;
      if (said?.dies) return kill(session.remotePort);
      if (said) return done(Object.assign(new Error(said.text ?? "no"), said));
      mails.push(mail);
      done();
    }, done);
  },
});
server.on("error", () => {});
const sockets = new Set<Socket>();
/** Hangs up on one, or on all. */
const kill = (port?: number) => {
  for (const socket of sockets) if (port === undefined || socket.remotePort === port) socket.destroy();
};

type Hit = { path: string; headers: http.IncomingHttpHeaders; body: string };
let hits: Hit[] = [];
let answers: (hit: Hit) => { status: number; location?: string } | "hangs up" | Promise<never> = () => ({
  status: 204,
});
const receiver = http.createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", async () => {
    const hit = { path: request.url ?? "", headers: request.headers, body };
    hits.push(hit);
    const said = await answers(hit);
    if (said === "hangs up") request.socket.destroy();
    else response.writeHead(said.status, said.location ? { location: said.location } : {}).end();
  });
});

let database: Database;
let modules: {
  send: typeof import("./send");
  queue: typeof import("./queue");
  target: typeof import("./channel/target");
  claim: typeof import("./claim");
  egress: typeof import("@/lib/net/egress-policy");
};
let policy: EgressPolicy;
let hook = "";

beforeAll(async () => {
  database = await ownTestDatabase();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  server.server.on("connection", (socket) => void sockets.add(socket));
  const smtp = (server.server.address() as AddressInfo).port;
  const web = (receiver.address() as AddressInfo).port;
  hook = `http://hook.test:${web}`;
  vi.stubEnv("SMTP_URL", `smtp://127.0.0.1:${smtp}`);
  vi.stubEnv("MAIL_FROM", "Waybill <waybill@example.org>");
  vi.stubEnv("PUBLIC_URL", "https://waybill.example.org");
  vi.stubEnv("LOG_LEVEL", "error");
  vi.resetModules();
  modules = {
    send: await import("./send"),
    queue: await import("./queue"),
    target: await import("./channel/target"),
    claim: await import("./claim"),
    egress: await import("@/lib/net/egress-policy"),
  };
  policy = new modules.egress.EgressPolicy({
    allow: [`127.0.0.1:${web}`],
    resolve: async () => ["127.0.0.1"],
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  kill();
  receiver.closeAllConnections();
  await new Promise<void>((resolve) => receiver.close(() => resolve()));
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
beforeEach(() => {
  mails = [];
  hits = [];
  atRecipient = () => null;
  atData = () => null;
  answers = () => ({ status: 204 });
});
afterEach(async () => {
  await database.query("delete from notices");
});

const content = (n = 9): Content => ({
  subject: `Payment failed ${n} times`,
  lead: "All of them said the same.",
  facts: [
    { label: "Project", value: "Clinic <North>" },
    { label: "Job", value: "Payment" },
  ],
  quote: "AxiosError: 503 </pre><script>alert(1)</script>",
  todo: "See whether the other system is up.",
  actions: [
    { label: "Rerun affected", url: "https://waybill.example.org/p/1/issues/2?a=1&b=2" },
    { label: "Open the receipt", url: "https://waybill.example.org/p/1/inbox/3" },
  ],
  stop: "at_once",
});
const maker: ContentMaker = {
  contentOf: async (_db, { data }) => (data.isGone ? null : content(Number(data.n ?? 9))),
  togetherOf: async (_db, notices) => ({
    ...content(),
    subject: `${notices.length} issues while you were quiet`,
  }),
};
const makers = { issue: maker };
const host = () => ({ database, policy, makers });
const send = (way: "mail" | "request", more: Partial<ReturnType<typeof host>> = {}) =>
  modules.send.sendNotices({ ...host(), ...more }, way, 60_000);

type World = { owner: TestUser; project: TestProject };
async function world(): Promise<World> {
  const owner = await createTestUser();
  return { owner, project: await createTestProject({ owner }) };
}
const notice = ({ owner, project }: World, more: Partial<NewNotice> = {}): NewNotice => ({
  kind: "issue",
  key: randomUUID(),
  projectId: project.id,
  to: { userId: owner.id },
  data: {},
  notBefore: null,
  ...more,
});
const queue = (...notices: NewNotice[]) => modules.queue.queueNotices(database, notices);

async function channel(project: TestProject, type: "webhook" | "slack", path = "/hook") {
  const id = randomUUID();
  const secret = modules.target.newChannelSecret();
  const target = { url: `${hook}${path}`, ...(type === "webhook" && { secret }) };
  await database.query(
    "insert into notice_channels (id, project_id, name, type, target, host) values ($1, $2, 'Ours', $3, $4, 'hook.test')",
    [id, project.id, type, modules.target.sealTarget(project.id, id, target)],
  );
  return { id, secret };
}
const channelRow = async (id: string) =>
  (await database.query("select * from notice_channels where id = $1", [id]))[0];

type Row = {
  id: string;
  state: string;
  error: string | null;
  attempts: number;
  pause: number;
  claimed_at: Date | null;
};
const rows = (projectId?: string) =>
  database.query<Row>(
    `select *, round(extract(epoch from next_at - now()) / 60)::int as pause from notices
     where $1::uuid is null or project_id = $1 order by id`,
    [projectId ?? null],
  );
/** All pauses are over. */
const later = async (hours = 0) => {
  await database.query(
    "update notices set next_at = now(), not_before = not_before - make_interval(hours => $1), created_at = created_at - make_interval(hours => $1)",
    [hours],
  );
  await database.query(
    "update notice_channels set paused_until = null, failing_since = failing_since - make_interval(hours => $1)",
    [hours],
  );
};

describe("a mail", () => {
  it("says it all in plain text and as a page, and can be stopped from where it is read", async () => {
    const one = await world();
    await queue(notice(one));
    expect(await send("mail")).toBe(1);
    const [mail] = mails;
    const [row] = await rows(one.project.id);
    expect(mail).toMatchObject({
      subject: "Payment failed 9 times",
      messageId: `<${row?.id}@waybill.example.org>`,
    });
    expect(mail?.to).toMatchObject({ text: one.owner.email });
    for (const part of [
      "All of them said the same.",
      "Project: Clinic <North>",
      "> AxiosError: 503",
      "https://waybill.example.org/p/1/issues/2?a=1&b=2",
    ])
      expect(mail?.text).toContain(part);
    const html = String(mail?.html);
    expect(html).toContain("Clinic &lt;North&gt;");
    expect(html).toContain("issues/2?a=1&amp;b=2");
    expect(html).not.toContain("<script>");
    // Nothing is loaded, and nobody is told that it was read.
    expect(html).not.toMatch(/<img|<link|src=|url\(|@import/);
    const stop = mail?.headers.get("list") as { unsubscribe?: { url: string } };
    const [, token] =
      /^https:\/\/waybill\.example\.org\/api\/notices\/stop\/([\w-]+)$/.exec(stop.unsubscribe?.url ?? "") ??
      [];
    expect(mail?.text).toContain(`https://waybill.example.org/n/stop/${token}`);
    expect(html).toContain(`https://waybill.example.org/n/stop/${token}`);
    expect(mail?.headerLines.map(({ line }) => line)).toContain(
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    );
    expect(row).toMatchObject({ state: "sent", subject: "Payment failed 9 times", error: null });
  });

  it("is sent once, however many send at the same time, and never again", async () => {
    const worlds = [await world(), await world(), await world()];
    await queue(...worlds.flatMap((one) => [notice(one), notice(one)]));
    await Promise.all([send("mail"), send("mail"), send("mail")]);
    await send("mail");
    expect(mails).toHaveLength(6);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(6);
    await later();
    expect(await send("mail")).toBe(0);
  });

  it("that is refused is tried again with longer and longer pauses for a day, and is shown then", async () => {
    const one = await world();
    await queue(notice(one));
    atRecipient = () => ({ responseCode: 451, text: "later" });
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      await send("mail");
      const [row] = await rows(one.project.id);
      expect(row).toMatchObject({
        state: "waiting",
        error: "The mail server refused the recipient: 451 later",
        claimed_at: null,
      });
      pauses.push(row?.pause ?? 0);
      expect(await send("mail")).toBe(0);
      await later();
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    await later(25);
    await send("mail");
    expect(await rows(one.project.id)).toMatchObject([{ state: "failed", failed_at: expect.any(Date) }]);
    atRecipient = () => null;
    await later();
    expect(await send("mail")).toBe(0);
  });

  it("that was refused after all of it was said is tried again; one that dies then stays uncertain", async () => {
    const [refused, dead] = [await world(), await world()];
    await queue(notice(refused), notice(dead));
    atData = (to) => (to === dead.owner.email ? { dies: true } : { responseCode: 452, text: "full" });
    await send("mail");
    expect(await rows(refused.project.id)).toMatchObject([{ state: "waiting", handed_at: null }]);
    expect(await rows(dead.project.id)).toMatchObject([
      { state: "uncertain", error: "The mail server was given the mail and did not say whether it took it." },
    ]);
    atData = () => null;
    await later();
    await send("mail");
    expect(mails.map(({ to }) => [to].flat()[0]?.text)).toEqual([refused.owner.email]);
  });

  it("of one whose sender died is sent if nothing had left, and stays uncertain otherwise", async () => {
    const [before, after] = [await world(), await world()];
    await queue(notice(before), notice(after));
    for (const { project } of [before, after]) {
      const claimed = await modules.claim.claimNext(database, project.id);
      if (claimed && project === after.project) await modules.claim.markHanded(database, [claimed]);
    }
    expect(await send("mail")).toBe(0);
    await database.query("update notices set claimed_at = claimed_at - interval '6 minutes'");
    expect(await send("mail")).toBe(1);
    expect(await rows(after.project.id)).toMatchObject([{ state: "uncertain", claimed_at: null }]);
    expect(mails.map(({ to }) => [to].flat()[0]?.text)).toEqual([before.owner.email]);
  });

  it("is told at most once although whoever sends it dies at every single statement, and what may have left stays uncertain", async () => {
    const one = await world();
    for (let survives = 0; survives < 12; survives++) {
      await queue(notice(one));
      await send("mail", { database: mortal(database, survives) }).catch((error) =>
        expect(error).toBeInstanceOf(Killed),
      );
    }
    await database.query("update notices set claimed_at = claimed_at - interval '6 minutes'");
    await later();
    await send("mail");
    const found = await rows(one.project.id);
    expect(found.map(({ state }) => state)).not.toContain("waiting");
    const arrived = mails.map(({ messageId }) => messageId);
    expect(new Set(arrived).size).toBe(arrived.length);
    const isThere = ({ id }: Row) => arrived.includes(`<${id}@waybill.example.org>`);
    expect(found.filter(({ state }) => state === "sent").every(isThere)).toBe(true);
    expect(found.filter((row) => !isThere(row)).map(({ state }) => state)).not.toContain("sent");
    expect(found.filter(isThere).length).toBeGreaterThan(5);
  });

  it("that cannot be sent through a fault of ours holds up no other, and is given up after a day of that", async () => {
    const [bad, good] = [await world(), await world()];
    await queue(notice(bad, { data: { n: 1 } }), notice(good));
    // Its text is made, and cannot be made into a mail.
    const faulty: ContentMaker = {
      contentOf: async (_db, { data }) => ({ ...content(), ...(data.n === 1 && { facts: null as never }) }),
    };
    const attempt = () => send("mail", { makers: { issue: faulty } });
    vi.spyOn(console, "error").mockImplementation(() => {});
    expect(await attempt()).toBe(1);
    expect(await rows(bad.project.id)).toMatchObject([
      { state: "waiting", claimed_at: null, error: expect.stringContaining("the log of Waybill") },
    ]);
    for (let n = 0; n < 8; n++) {
      await later(4);
      await attempt();
    }
    vi.restoreAllMocks();
    expect(await rows(bad.project.id)).toMatchObject([{ state: "failed" }]);
    expect(mails).toHaveLength(1);
  });

  it("that ends whoever sends it is given up after a day of that, too", async () => {
    const one = await world();
    await queue(notice(one));
    for (let n = 0; n < 8; n++) {
      await modules.claim.claimNext(database, one.project.id);
      await later(4);
      await database.query("update notices set claimed_at = claimed_at - interval '6 minutes'");
      await modules.claim.sweepClaims(database);
    }
    expect(await rows(one.project.id)).toMatchObject([{ state: "failed", failed_at: expect.any(Date) }]);
  });

  it("that waited for days because nothing ran is not given up at the first no", async () => {
    const one = await world();
    await queue(notice(one));
    await later(72);
    atRecipient = () => ({ responseCode: 451, text: "later" });
    await send("mail");
    expect(await rows(one.project.id)).toMatchObject([{ state: "waiting" }]);
  });

  it("is not sent by whoever has lost it in the meantime", async () => {
    const one = await world();
    await queue(notice(one));
    // While the server thinks about the recipient, the claim is given up and taken by somebody else.
    atRecipient = () => null;
    let taken = 0;
    const slow: ContentMaker = {
      contentOf: async () => {
        taken++;
        await database.query("update notices set claimed_at = claimed_at - interval '1 second'");
        return content();
      },
    };
    await modules.send.sendNotices({ ...host(), makers: { issue: slow } }, "mail", 60_000);
    expect(taken).toBe(1);
    expect(mails).toEqual([]);
    expect(await rows(one.project.id)).toMatchObject([{ state: "waiting", handed_at: null }]);
  });

  it("goes to nobody who has left, whose project or account is on its way out, or without the second factor", async () => {
    const [left, closing, leaving, bare] = [await world(), await world(), await world(), await world()];
    const member = await addTestMember(left.project, "admin");
    await queue(notice({ ...left, owner: member }), notice(closing), notice(leaving), notice(bare));
    await database.query("delete from project_members where user_id = $1", [member.id]);
    await database.query("update projects set deletion_scheduled_at = now() where id = $1", [
      closing.project.id,
    ]);
    await database.query("update users set deletion_scheduled_at = now() where id = $1", [leaving.owner.id]);
    await database.query("update projects set require_second_factor = true where id = $1", [bare.project.id]);
    expect(await send("mail")).toBe(0);
    expect(new Set((await rows()).map(({ state }) => state))).toEqual(new Set(["stopped"]));
  });

  it("with nothing left to say is dropped, one without a text is tried again, and one that nobody knows waits", async () => {
    const [gone, broken, unknown] = [await world(), await world(), await world()];
    await queue(
      notice(gone, { data: { isGone: true } }),
      notice(broken, { kind: "plan" }),
      notice(unknown, { kind: "digest" }),
    );
    const throws: ContentMaker = { contentOf: () => Promise.reject(new Error("secret detail")) };
    vi.spyOn(console, "error").mockImplementation(() => {});
    await modules.send.sendNotices({ ...host(), makers: { issue: maker, plan: throws } }, "mail", 60_000);
    vi.restoreAllMocks();
    expect(await rows(gone.project.id)).toMatchObject([{ state: "stopped" }]);
    const [row] = await rows(broken.project.id);
    expect(row?.state).toBe("waiting");
    expect(row?.error).not.toContain("secret");
    expect(await rows(unknown.project.id)).toMatchObject([{ state: "waiting" }]);
  });

  it("is one for several that waited for the same moment, and others stay their own", async () => {
    const one = await world();
    const admin = await addTestMember(one.project, "admin");
    const quiet = new Date(Date.now() + 3_600_000);
    const waiting = () => notice(one, { notBefore: quiet });
    await queue(
      waiting(),
      waiting(),
      waiting(),
      notice({ ...one, owner: admin }, { notBefore: quiet }),
      notice(one),
      notice(one),
    );
    expect(await send("mail")).toBe(2);
    await database.query(
      "update notices set next_at = now(), not_before = not_before - interval '1 hour', created_at = created_at - interval '1 hour'",
    );
    expect(await send("mail")).toBe(2);
    expect(mails.map(({ subject }) => subject).sort()).toEqual(
      [
        "3 issues while you were quiet",
        "Payment failed 9 times",
        "Payment failed 9 times",
        "Payment failed 9 times",
      ].sort(),
    );
    expect(new Set((await rows()).map(({ state }) => state))).toEqual(new Set(["sent"]));
  });

  it("that a slow server holds does not keep a channel waiting, nor does one project another", async () => {
    const [busy, quiet] = [await world(), await world()];
    const { id } = await channel(busy.project, "webhook");
    await queue(
      ...Array.from({ length: 30 }, () => notice(busy)),
      notice(quiet),
      notice(busy, { to: { channelId: id } }),
    );
    let release = () => {};
    const waits = new Promise<void>((resolve) => {
      release = resolve;
    });
    atData = (to) => (to === busy.owner.email ? { waits, responseCode: 451 } : null);
    const sending = send("mail");
    await vi.waitFor(
      () => expect(mails.map(({ to }) => [to].flat()[0]?.text)).toEqual([quiet.owner.email]),
      20_000,
    );
    expect(await send("request")).toBe(1);
    release();
    await sending;
  });
});

describe("a channel", () => {
  it("gets what Standard Webhooks says, with the same id however often it is sent", async () => {
    const one = await world();
    const { id, secret } = await channel(one.project, "webhook");
    await queue(notice(one, { to: { channelId: id } }));
    answers = () => ({ status: 500 });
    await send("request");
    expect(await channelRow(id)).toMatchObject({ failures: 1, last_error: "It answered 500." });
    await later();
    answers = () => ({ status: 204 });
    expect(await send("request")).toBe(1);
    const [row] = await rows(one.project.id);
    expect(hits.map(({ headers }) => headers["webhook-id"])).toEqual([row?.id, row?.id]);
    for (const { body, headers } of hits) {
      const payload = new Webhook(secret).verify(body, headers as Record<string, string>);
      expect(payload).toMatchObject({
        type: "notice.issue",
        data: {
          subject: "Payment failed 9 times",
          project: { id: one.project.id },
          actions: [{ label: "Rerun affected" }, {}],
        },
      });
    }
    const wrong = new Webhook(modules.target.newChannelSecret());
    expect(() => wrong.verify(hits[0]?.body ?? "", hits[0]?.headers as Record<string, string>)).toThrow();
    expect(await channelRow(id)).toMatchObject({ failures: 0, last_error: null, failing_since: null });
  });

  it("that is Slack's gets text and blocks that call nobody", async () => {
    const one = await world();
    const { id } = await channel(one.project, "slack");
    await queue(notice(one, { to: { channelId: id } }));
    const calling: ContentMaker = {
      contentOf: async () => ({ ...content(), quote: "<!channel> @everyone <@U1> & more" }),
    };
    await modules.send.sendNotices({ ...host(), makers: { issue: calling } }, "request", 60_000);
    const message = JSON.parse(hits[0]?.body ?? "{}");
    expect(hits[0]?.headers["webhook-signature"]).toBeUndefined();
    expect(message.text).toContain("&lt;!channel&gt;");
    expect(message.text).not.toContain("@everyone");
    expect(message.blocks[0]).toEqual({
      type: "header",
      text: { type: "plain_text", text: "Payment failed 9 times" },
    });
    expect(JSON.stringify(message.blocks)).toContain(
      "<https://waybill.example.org/p/1/issues/2?a=1&amp;b=2|Rerun affected>",
    );
  });

  it("that hung up after all of it came is told again as a webhook, and stays uncertain as Slack", async () => {
    const one = await world();
    const [web, slack] = [
      await channel(one.project, "webhook", "/web"),
      await channel(one.project, "slack", "/slack"),
    ];
    await queue(notice(one, { to: { channelId: web.id } }), notice(one, { to: { channelId: slack.id } }));
    answers = () => "hangs up";
    await send("request");
    answers = () => ({ status: 200 });
    await later();
    await send("request");
    expect(hits.map(({ path }) => path).sort()).toEqual(["/slack", "/web", "/web"]);
    const states = await rows(one.project.id);
    expect(states.map(({ state }) => state).sort()).toEqual(["sent", "uncertain"]);
  });

  it("that redirects into a private network is not followed, and says so", async () => {
    const one = await world();
    const { id } = await channel(one.project, "webhook");
    await queue(notice(one, { to: { channelId: id } }));
    answers = () => ({ status: 302, location: `${hook}/private` });
    await send("request");
    expect(hits.map(({ path }) => path)).toEqual(["/hook"]);
    expect(await channelRow(id)).toMatchObject({
      last_error: expect.stringContaining("Redirects are not followed"),
    });
  });

  it("at a private address is never reached", async () => {
    const one = await world();
    const { id } = await channel(one.project, "webhook");
    await queue(notice(one, { to: { channelId: id } }));
    await send("request", {
      policy: new modules.egress.EgressPolicy({ resolve: async () => ["127.0.0.1"] }),
    });
    expect(hits).toEqual([]);
    expect(await channelRow(id)).toMatchObject({ last_error: expect.stringContaining("may not be reached") });
  });

  it("that fails holds up no other, and is asked less and less often", async () => {
    const one = await world();
    const [bad, good] = [
      await channel(one.project, "webhook", "/bad"),
      await channel(one.project, "webhook", "/good"),
    ];
    const to = (channelId: string) => Array.from({ length: 5 }, () => notice(one, { to: { channelId } }));
    await queue(...to(bad.id), ...to(good.id));
    answers = ({ path }) => ({ status: path === "/bad" ? 503 : 200 });
    expect(await send("request")).toBe(5);
    expect(hits.filter(({ path }) => path === "/bad")).toHaveLength(1);
    expect(await send("request")).toBe(0);
    await later();
    await send("request");
    expect(hits.filter(({ path }) => path === "/bad")).toHaveLength(2);
    const [{ pause } = { pause: 0 }] = await database.query<{ pause: number }>(
      "select round(extract(epoch from paused_until - now()) / 60)::int as pause from notice_channels where id = $1",
      [bad.id],
    );
    expect(pause).toBe(2);
  });

  it.each([
    ["five days of nothing but failures", 500, 121],
    ["an answer that it is gone", 410, 0],
  ])("is switched off after %s, which the owner is told once", async (_name, status, hours) => {
    const one = await world();
    const { id } = await channel(one.project, "webhook");
    answers = () => ({ status });
    await queue(notice(one, { to: { channelId: id } }));
    if (hours > 0) {
      await send("request");
      await later(hours - 24);
      await database.query("update notices set not_before = now()");
      await send("request");
      expect(await channelRow(id)).toMatchObject({ disabled_at: null });
      await later(24);
      await database.query("update notices set not_before = now()");
    }
    await queue(notice(one, { to: { channelId: id } }));
    await send("request");
    expect(await channelRow(id)).toMatchObject({ disabled_at: expect.any(Date) });
    await later();
    await send("request");
    const found = await database.query<{ kind: string; state: string; user_id: string | null }>(
      "select kind, state, user_id from notices where project_id = $1 order by kind",
      [one.project.id],
    );
    expect(found.filter(({ kind }) => kind === "channel")).toMatchObject([{ user_id: one.owner.id }]);
    expect(new Set(found.filter(({ kind }) => kind === "issue").map(({ state }) => state))).toEqual(
      new Set(["failed"]),
    );
    const audited = await database.query(
      "select 1 from audit_events where event = 'notice_channel.switch_off' and item_id = $1",
      [id],
    );
    expect(audited).toHaveLength(1);
  });

  it("of another project gets nothing, whatever a notice names", async () => {
    const [mine, theirs] = [await world(), await world()];
    const { id } = await channel(theirs.project, "webhook");
    await database.query(
      "insert into notices (project_id, kind, key, channel_id, lane) values ($1, 'issue', $2, $3, $3)",
      [mine.project.id, randomUUID(), id],
    );
    await send("request");
    expect(hits).toEqual([]);
    expect(await rows(mine.project.id)).toMatchObject([{ state: "stopped" }]);
  });
});

it("forgets what was sent long ago, and nothing that waits", async () => {
  const one = await world();
  await queue(notice(one), notice(one, { notBefore: new Date(Date.now() + 3_600_000) }));
  await send("mail");
  for (const { id } of await rows(one.project.id))
    await database.query("update notices set id = $1 where id = $2", [`0180${randomUUID().slice(4)}`, id]);
  await send("mail");
  expect((await rows(one.project.id)).map(({ state }) => state)).toEqual(["waiting"]);
});
