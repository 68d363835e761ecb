import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { runCommandLine } from "./run";

export type Ran = { code: number; stdout: string; stderr: string };
export type RunOptions = { cwd: string; env?: Record<string, string>; stdin?: string; signal?: AbortSignal };

/** Runs one command line in this process, as in a pipe without a terminal. */
export async function cli(
  args: readonly string[],
  { cwd, env = {}, stdin = "", signal }: RunOptions,
): Promise<Ran> {
  const ran = { stdout: "", stderr: "" };
  const into = (name: "stdout" | "stderr") => ({
    write: (text: string) => {
      ran[name] += text;
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

export type Answer = { status: number; body?: unknown };
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
    const { status, body } = answer(one);
    const isText = typeof body === "string";
    response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json" });
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
