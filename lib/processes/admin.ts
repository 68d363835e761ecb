import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { type Db, database } from "@/db/client";
import { projects, users } from "@/db/schema";
import type { Actor, UserContext } from "@/lib/domain/context";
import { rotateCredentialKey } from "@/lib/domain/credential/rotate-key";
import { acceptKeys } from "@/lib/domain/key/accept";
import { type planInput, setPlan } from "@/lib/domain/plan/set";
import { type CreatedProject, createProject } from "@/lib/domain/project/create";
import { deleteProject } from "@/lib/domain/project/delete";
import { createSampleProject } from "@/lib/domain/project/sample";
import { carryOutDeletions } from "@/lib/domain/purge/due";
import { resetSecondFactor } from "@/lib/domain/second-factor/remove";
import { createToken } from "@/lib/domain/token/create";
import { createUser } from "@/lib/domain/user/create";
import { deleteUser } from "@/lib/domain/user/delete";
import { env, publicUrl } from "@/lib/env";
import { strangeArgument } from "@/lib/launcher/arguments.mjs";
import { announce, announcementsTold } from "@/lib/live/shared";
import { bucket } from "@/lib/payloads/bucket";
import { type Moved, moveApart, moveBack } from "@/lib/payloads/move";
import { conflict, invalid, notFound, Refusal } from "@/lib/refusal";
import { nearest } from "@/lib/settings/nearest.mjs";
import { limitKinds, type TokenScope, tokenScopes } from "@/lib/words";
import { purger, resolveAdaptor } from "./host";

const usage = `Usage: npm run -s admin -- <command>

  create-user    --email ADA@EXAMPLE.ORG --password … [--name "Ada Lovelace"]
  create-project --name field-registry --owner ADA@EXAMPLE.ORG [--sample]
  create-token   --email ADA@EXAMPLE.ORG [--name "deploy script"] [--scopes read,deploy] [--projects ID,ID]
                 [--expires 2027-12-31]   without them: every scope, every project, until it is revoked
  delete-project --project ID --confirm NAME [--now]                     in seven days, or at once
  delete-user    --email ADA@EXAMPLE.ORG [--with-projects] [--now]       the same; --with-projects: those they own too
  reset-second-factor --email ADA@EXAMPLE.ORG   turns it off for somebody who has lost the device and the codes
  set-plan       --project ID [--runs-per-month 10000|none] [--runs-per-minute 60|none] [--limit soft|hard|none]
                 what it may start; none lifts a limit, --limit none both
  rotate-credential-key   seals every stored secret with the first key of CREDENTIAL_KEY
  payloads-apart          takes bodies above PAYLOADS_ABOVE_BYTES out of the database, whatever their age
  payloads-back           brings all of them back; first set PAYLOADS_ABOVE_BYTES=0 everywhere
  accept-keys             takes SECRET_KEY and CREDENTIAL_KEY for this database's own, when those of before are lost

Each prints one JSON object.`;

const operator: Actor = { type: "system", label: "operator" };

type Values = Record<string, string | boolean | undefined>;

/** A required option's text. Throws `invalid` with the usage's words. */
function text(values: Values, name: string): string {
  const value = values[name];
  if (typeof value !== "string" || value === "")
    throw invalid(`--${name} is missing. See: npm run -s admin -- help`);
  return value;
}

/** Acts as the user with this e-mail address, who must exist. */
async function actingAs(db: Db, email: string): Promise<UserContext> {
  const [user] = await db
    .select({ id: users.id, email: users.email })
    .from(users)
    .where(eq(sql`lower(${users.email})`, email.trim().toLowerCase()))
    .limit(1);
  if (!user) throw notFound(`An account for ${email}`);
  return { actor: { type: "user", userId: user.id, label: user.email }, db, announce };
}

const optional = (values: Values, name: string) =>
  typeof values[name] === "string" ? { [name]: values[name] } : {};

const list = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

function scopesIn(text: string): TokenScope[] {
  return list(text).map((word) => {
    const scope = tokenScopes.find((known) => known === word);
    if (!scope) throw invalid(`There is no scope "${word}". Choose among ${tokenScopes.join(", ")}.`);
    return scope;
  });
}

/** The end of a day, in UTC. */
function lastMomentOf(day: string): string {
  const at = `${day}T23:59:59.999Z`;
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(at)))
    throw invalid(`--expires takes a day such as 2027-12-31, not "${day}".`);
  return at;
}

/** What set-plan is told. Throws `invalid` when it is told nothing, or no number. */
function planIn(values: Values): z.input<typeof planInput> {
  const runsIn = (name: string) => {
    const value = values[name];
    if (typeof value !== "string") return undefined;
    if (value === "none") return null;
    if (!/^\d{1,15}$/.test(value)) throw invalid(`--${name} takes a number or none, not "${value}".`);
    return Number(value);
  };
  const [runsPerMonth, runsPerMinute] = [runsIn("runs-per-month"), runsIn("runs-per-minute")];
  const { limit } = values;
  if (limit === "none") {
    if (runsPerMonth || runsPerMinute)
      throw invalid("--limit none lifts both limits. Leave it out to set one.");
    return { runsPerMonth: null, runsPerMinute: null };
  }
  const limitKind = limitKinds.find((kind) => kind === limit);
  if (limit !== undefined && !limitKind) throw invalid(`--limit takes soft, hard or none, not "${limit}".`);
  const plan = {
    ...(runsPerMonth === undefined ? {} : { runsPerMonth }),
    ...(runsPerMinute === undefined ? {} : { runsPerMinute }),
    ...(limitKind ? { limitKind } : {}),
  };
  if (Object.keys(plan).length === 0)
    throw invalid("Give --runs-per-month, --runs-per-minute or --limit. See: npm run -s admin -- help");
  return plan;
}

const described = (project: CreatedProject) => ({
  ...project,
  inboxUrl: `${publicUrl(env())}/i/${project.inboxId}`,
});

const commands: Record<string, (values: Values, db: Db) => Promise<unknown>> = {
  "create-user": (values, db) =>
    createUser(
      { db, actor: operator },
      {
        email: text(values, "email"),
        password: text(values, "password"),
        isEmailVerified: true,
        ...optional(values, "name"),
      },
    ),
  "create-project": async (values, db) => {
    const ctx = await actingAs(db, text(values, "owner"));
    const name = text(values, "name");
    if (!values.sample) return described(await createProject(ctx, { name }));
    const { project, workflows } = await createSampleProject(ctx, { name }, { resolveAdaptor });
    return { ...described(project), workflows };
  },
  "create-token": async (values, db) => {
    const ctx = await actingAs(db, text(values, "email"));
    const { scopes, expires } = values;
    const projects = values.projects ?? values.project;
    return createToken(ctx, {
      name: typeof values.name === "string" ? values.name : "command line",
      ...(typeof scopes === "string" ? { scopes: scopesIn(scopes) } : {}),
      ...(typeof projects === "string" ? { projectIds: list(projects) } : {}),
      ...(typeof expires === "string" ? { expiresAt: lastMomentOf(expires) } : {}),
    });
  },
  "reset-second-factor": async (values, db) => {
    const { actor } = await actingAs(db, text(values, "email"));
    return resetSecondFactor({ db }, { userId: actor.userId });
  },
  "delete-project": async (values, db) => {
    const [project] = await db
      .select({ id: projects.id, name: projects.name })
      .from(projects)
      .where(eq(projects.id, text(values, "project")));
    if (!project) throw notFound("The project");
    const ctx = { actor: operator, db, announce, project, role: "owner" as const };
    const atOnce = values.now === true;
    const { deletesAt } = await deleteProject(ctx, { confirmName: text(values, "confirm") }, { atOnce });
    return { id: project.id, deletesAt, ...(atOnce ? await purgeNow() : {}) };
  },
  "delete-user": async (values, db) => {
    const email = text(values, "email");
    const { actor } = await actingAs(db, email);
    const input = { confirmEmail: email, deleteProjects: values["with-projects"] === true };
    const atOnce = values.now === true;
    const ctx = { actor: operator, db, announce };
    const { deletesAt } = await deleteUser(ctx, actor.userId, input, { atOnce });
    return { id: actor.userId, deletesAt, ...(atOnce ? await purgeNow() : {}) };
  },
  "set-plan": async (values, db) => {
    const project = { id: text(values, "project") };
    return { id: project.id, ...(await setPlan({ db, actor: operator, project }, planIn(values))) };
  },
  "rotate-credential-key": (_, db) => rotateCredentialKey(db),
  "payloads-apart": () =>
    movedWhole((budgetMs) => moveApart(database(), budgetMs, { now: Date.now() + 86_400_000 })),
  "payloads-back": async () => {
    if (bucket()?.aboveBytes)
      throw conflict("They would go apart again: set PAYLOADS_ABOVE_BYTES=0 and restart first.");
    return movedWhole((budgetMs) => moveBack(database(), budgetMs));
  },
  "accept-keys": (_, db) => acceptKeys(db),
};

const longestPurgeMs = 10 * 60_000;

/**
 * Purges what is due, here: Waybill may be stopped. `isPurged` is false while runs are still ending or there is more than
 * ten minutes' work: a running Waybill goes on by itself.
 */
async function purgeNow(): Promise<{ isPurged: boolean }> {
  const giveUpAt = Date.now() + longestPurgeMs;
  let isDone = false;
  for (let attempts = 0; !isDone && attempts < 30 && Date.now() < giveUpAt; attempts++) {
    if (attempts > 0) await sleep(1_000);
    ({ isDone } = await carryOutDeletions(purger(), giveUpAt - Date.now()));
  }
  return { isPurged: isDone };
}

/** Piece by piece to the end; interrupted, it goes on where it was. */
async function movedWhole(some: (budgetMs: number) => Promise<Moved>): Promise<{ moved: number }> {
  if (!bucket()) throw conflict("No storage for payloads is set: see PAYLOADS_URL in README.md.");
  for (let moved = 0; ; ) {
    const piece = await some(60_000);
    moved += piece.moved;
    if (piece.isDone) return { moved };
  }
}

const string = { type: "string" } as const;
const boolean = { type: "boolean" } as const;
/** What each command takes. */
const options: Record<string, Record<string, typeof string | typeof boolean>> = {
  "create-user": { email: string, password: string, name: string },
  "create-project": { name: string, owner: string, sample: boolean },
  "create-token": {
    email: string,
    name: string,
    scopes: string,
    projects: string,
    project: string,
    expires: string,
  },
  "reset-second-factor": { email: string },
  "delete-project": { project: string, confirm: string, now: boolean },
  "delete-user": { email: string, "with-projects": boolean, now: boolean },
  "set-plan": { project: string, "runs-per-month": string, "runs-per-minute": string, limit: string },
  "rotate-credential-key": {},
  "payloads-apart": {},
  "payloads-back": {},
  "accept-keys": {},
};

/** One sentence for the operator. */
function sentence(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join(" ");
  if (error instanceof Refusal) return error.message;
  // Of what Node says of arguments the first line is the sentence.
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}

function unknownCommand(name: string): string {
  const meant = nearest(name, Object.keys(commands));
  const ask = meant ? ` Did you mean ${meant}?` : "";
  return `There is no command "${name}".${ask} See: npm run -s admin -- help`;
}

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === "help" || name === "--help") return console.log(usage);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw invalid(unknownCommand(name));
  const takes = options[name] ?? {};
  const strange = strangeArgument(name, args, takes);
  if (strange) throw invalid(`${strange} See: npm run -s admin -- help`);
  const { values } = parseArgs({ args, options: takes });
  if (values.project && values.projects)
    throw invalid("--project and --projects say the same. Give one of them.");
  const data = database();
  try {
    console.log(JSON.stringify(await command(values, data.db)));
  } finally {
    await announcementsTold();
    await data.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(sentence(error));
  process.exitCode = 1;
}
