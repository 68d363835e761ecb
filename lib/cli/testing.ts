import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { ProjectDocument, ProjectPayload, WorkflowDocument } from "@/lib/portability/document";
import { extensionsHeader } from "@/lib/portability/extensions-header";
import { runCommandLine } from "./run";

export type Ran = { code: number; stdout: string; stderr: string };
export type RunOptions = {
  cwd: string;
  env?: Record<string, string>;
  stdin?: string;
  signal?: AbortSignal;
  onStdout?: (text: string) => void;
};

/** Runs one command line in this process, as in a pipe without a terminal. */
export async function cli(
  args: readonly string[],
  { cwd, env = {}, stdin = "", signal, onStdout }: RunOptions,
): Promise<Ran> {
  const ran = { stdout: "", stderr: "" };
  const into = (name: "stdout" | "stderr") => ({
    write: (text: string) => {
      ran[name] += text;
      if (name === "stdout") onStdout?.(text);
    },
  });
  const [name = "", ...rest] = args;
  const code = await runCommandLine(name, rest, {
    cwd,
    env: { XDG_CONFIG_HOME: `${cwd}/.home`, ...env },
    stdin: Readable.from(stdin === "" ? [] : [stdin]),
    stdout: into("stdout"),
    stderr: into("stderr"),
    signal: signal ?? new AbortController().signal,
    version: "1.2.3",
  });
  return { code, ...ran };
}

export type Answer = { status: number; body?: unknown; headers?: Record<string, string> };
export type Asked = { method: string; url: string; authorization: string | undefined; body: unknown };

/** A server of HTTP whose answers a test gives; `asked` is what it was asked, in order. */
export async function stubServer(answer: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const one = {
      method: request.method ?? "",
      url: request.url ?? "",
      authorization: request.headers.authorization,
      body: await bodyOf(request),
    };
    asked.push(one);
    const { status, body, headers = {} } = answer(one);
    const isText = typeof body === "string";
    response.writeHead(status, {
      "content-type": isText ? "text/plain" : "application/json",
      ...headers,
    });
    response.end(isText ? body : JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}

type Raw = Record<string, unknown>;
type Held = ProjectDocument & { workflows: WorkflowDocument[] };

/**
 * As much of OpenFn's provisioning as a command line needs: what is sent is kept under its ids, what is deleted goes, what is
 * not named stays, and each workflow that changes has a next version.
 */
export async function provisionServer({ isWaybill = true }: { isWaybill?: boolean } = {}) {
  const projects = new Map<string, Held>();
  /** Answered instead, once. */
  let refusal: Answer | null = null;
  const headers = isWaybill ? { [extensionsHeader]: "true" } : {};
  const server = await stubServer((asked): Answer => {
    if (asked.authorization !== "Bearer key")
      return { status: 401, body: { error: "Unauthorized" }, headers };
    const url = new URL(asked.url, "http://stub");
    if (asked.method === "POST" && refusal) {
      const once = refusal;
      refusal = null;
      return once;
    }
    if (asked.method === "POST") {
      const project = applied(projects, asked.body as ProjectPayload);
      return { status: 201, body: { data: project }, headers };
    }
    const project = projects.get(url.pathname.split("/").at(-1) ?? "");
    return project
      ? { status: 200, body: { data: project }, headers }
      : { status: 404, body: { error: "Not Found" }, headers };
  });
  const { asked } = server;
  return {
    ...server,
    projects,
    refuse: (answer: Answer) => {
      refusal = answer;
    },
    posted: () => asked.filter(({ method }) => method === "POST").map(({ body }) => body as ProjectPayload),
  };
}

function applied(projects: Map<string, Held>, payload: ProjectPayload): Held {
  const was = projects.get(payload.id);
  const workflows = upserted(was?.workflows ?? [], payload.workflows, (workflow, before) => {
    const next = {
      ...before,
      ...workflow,
      ...Object.fromEntries(
        (["jobs", "triggers", "edges"] as const).map((key) => [
          key,
          upserted((before?.[key] as Raw[]) ?? [], workflow[key] as Raw[], (one) =>
            key === "triggers" ? { enabled: true, ...one } : one,
          ),
        ]),
      ),
    };
    const { lock_version: _, ...now } = next;
    const { lock_version: version, ...then } = before ?? {};
    const isSame = JSON.stringify(now) === JSON.stringify(then);
    return { ...next, lock_version: isSame ? version : Number(version ?? 0) + 1 };
  });
  const next = { inserted_at: "2026-01-01T00:00:00Z", ...was, ...payload, workflows } as unknown as Held;
  projects.set(payload.id, next);
  return next;
}

function upserted(
  before: readonly Raw[],
  said: readonly Raw[],
  make: (one: Raw, was: Raw | undefined) => Raw,
): Raw[] {
  const gone = new Set(said.filter((one) => one.delete).map(({ id }) => id));
  const byId = new Map(before.map((one) => [one.id, one]));
  for (const one of said) if (!one.delete) byId.set(one.id, make(one, byId.get(one.id)));
  return [...byId.values()].filter(({ id }) => !gone.has(id));
}
