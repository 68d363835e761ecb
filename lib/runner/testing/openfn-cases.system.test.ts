import http from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StepRequest } from "@/lib/runner/contract";
import cases from "@/lib/runner/fixtures/openfn-cases.json";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { adaptors, type Ran, runStep, stepRequest, testRunner } from "./local-runner";

/** The reference cases were recorded against this port. */
const casePort = 4777;

type ExecuteCase = {
  id: string;
  title: string;
  input: {
    source: string;
    adaptor: string;
    state: object;
    configuration?: Record<string, unknown>;
    options?: { timeout?: number };
  };
  expect: {
    state?: unknown;
    error?: { name: string; severity: string; message: string; subtype?: string; pos?: object };
  };
};

let runner: LocalRunner;
let server: http.Server;

beforeAll(async () => {
  runner = await testRunner({ egressAllow: [`localhost:${casePort}`] });
  server = http.createServer((request, response) => {
    const status = /^\/status\/(\d+)/.exec(request.url ?? "")?.[1];
    const { method, url, headers } = request;
    response.writeHead(Number(status ?? 200), { "content-type": "application/json" });
    response.end(JSON.stringify(status ? { error: "nope" } : { ok: true, method, url, headers }));
  });
  await new Promise<void>((resolve) => server.listen(casePort, "127.0.0.1", resolve));
});
afterAll(async () => {
  await runner.close();
  server.close();
});

/** The cases leave out what differs from call to call in an HTTP error's details. */
function withoutVolatile(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state), (key, value) =>
    key === "duration" || key === "headers" ? undefined : value,
  );
}

/** OpenFn's words for what our results call by the seed's. */
function openFnClass({ error }: Ran): string {
  const classes: Record<string, string> = { ReferenceError: "RuntimeCrash", ValidationError: "RuntimeCrash" };
  return classes[error?.type ?? ""] ?? error?.type ?? "";
}

/** OpenFn writes the place of a syntax error into its message, columns from 0; we say beside it which call is no operation, and how large a state is. */
function openFnMessage({ error }: Ran): string {
  const { type, message = "", position } = error ?? {};
  if (type === "SyntaxError" && position) return `${message} (${position.line}:${position.column - 1})`;
  return message.replace(/^(Invalid operation at statement \d+|State exceeds the limit of \w+): .*$/, "$1");
}

describe("execute: what OpenFn's runtime does with a job", () => {
  for (const one of cases.execute as ExecuteCase[]) {
    test(`${one.id} ${one.title}`, async () => {
      const { source, adaptor, state, configuration, options } = one.input;
      const limits: NonNullable<StepRequest["limits"]> = {
        ...(options?.timeout ? { timeoutMs: options.timeout } : {}),
        ...(one.id === "execute-46" ? { maxStateBytes: 1024 * 1024 } : {}),
      };
      const request = stepRequest(source, {
        http: adaptor === adaptors.http.name,
        state,
        configuration: configuration ?? null,
        limits,
      });
      const result = await runStep(runner, request);
      if (!one.expect.error) {
        expect(withoutVolatile(result.state)).toEqual(one.expect.state ?? {});
        return;
      }
      const { name, message, pos, subtype } = one.expect.error;
      expect(result.output).toBeNull();
      expect(openFnClass(result)).toBe(name);
      expect(`${subtype ? `${subtype}: ` : ""}${openFnMessage(result)}`).toBe(message);
      if (pos) {
        const place = result.error?.position;
        expect({ line: place?.line, column: place?.column, src: place?.source }).toEqual(pos);
      }
    });
  }
});

describe("seed-status: the status-code table", () => {
  const reasons: Record<string, string> = {
    success: "success",
    failed: "fail",
    crashed: "crash",
    killed: "kill",
  };
  /** The others are about workflows and credentials, which are the engine's. */
  const single = cases["seed-status"].filter(({ input }) => !/-->|credential id/.test(input.source));
  for (const one of single) {
    test(`${one.id} ${one.title}`, async () => {
      const result = await runStep(runner, stepRequest(one.input.source));
      expect(result.reason).toBe(reasons[one.expect.status]);
      if (one.expect.errorType) expect(result.error?.type).toBe(one.expect.errorType);
      if (one.expect.message) expect(openFnMessage(result)).toBe(one.expect.message);
      if (one.expect.messageContains) expect(openFnMessage(result)).toContain(one.expect.messageContains);
      expect(result.output === null).toBe(one.expect.aborts);
    });
  }
});

/** What may be shown of a result: what is handed on has a copy for that. */
const shownOf = ({ output, state: _, shown, ...result }: Ran) => ({
  ...result,
  output: shown?.text ?? output,
});

describe("security: jobs that OpenFn's runtime lets out", () => {
  const password = "hunter2hunter2";
  const endings: Record<string, string[]> = {
    "sec-08": ["crash", "kill"],
    "sec-10": ["kill"],
    "sec-11": ["kill"],
    "sec-13": ["crash"],
    "sec-14": ["exception"],
    "sec-16": ["success"],
    "sec-17": ["success"],
  };
  for (const one of cases.security) {
    test(`${one.id} ${one.title}: ${one.expect}`, async () => {
      const named = /^adaptor: "(.+)@(.+)"$/.exec(one.input.source);
      const request = stepRequest(named ? "fn(s => s)" : one.input.source, {
        configuration: { password },
        // Short only for those that are to be ended by it.
        limits: { timeoutMs: endings[one.id]?.includes("kill") ? 3000 : 20_000 },
      });
      if (named) request.job.adaptor = { name: named[1] ?? "", version: named[2] ?? "" };
      const result = await runStep(runner, request);
      const expected = endings[one.id];
      if (expected) expect(expected).toContain(result.reason);
      else expect(result).toMatchObject({ reason: "kill", error: { type: "SecurityError" }, output: null });
      expect(JSON.stringify(shownOf(result))).not.toContain(password);
      const next = await runStep(runner, stepRequest("fn(s => s)", { projectId: "another" }));
      expect(next.reason).toBe("success");
    });
  }
});
