import net from "node:net";
import type { LogLine, StepResult } from "@/lib/runner/contract";
import { serveRunner } from "@/lib/runner/host/server";
import { lostResult } from "@/lib/runner/results";
import { type NotBegun, StepRegistry } from "@/lib/runner/step/step-registry";

export const token = "a-token-for-this-test";
export const life = "11111111-1111-4111-8111-111111111111";
export const success: StepResult = { ...lostResult(null), reason: "success", output: "{}", error: null };
export const quiet = () => undefined;

export const closing: (() => Promise<unknown>)[] = [];
export async function closeScripted(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

export const portOf = (server: net.Server): number => {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
};

/** A runner on TCP whose steps end when the test says so. */
export async function scripted(more: { life?: string } = {}) {
  const emits = new Map<string, (line: LogLine) => void>();
  const ends = new Map<string, (end: StepResult | NotBegun) => void>();
  const steps = new StepRegistry(({ stepId }, emit) => {
    emits.set(stepId, emit);
    return new Promise((resolve) => ends.set(stepId, resolve));
  });
  const never = (): never => {
    throw new Error("not asked here");
  };
  const server = await serveRunner(
    {
      life: more.life ?? life,
      steps,
      reached: (_, of) => (of === life ? [{ host: "a.test", port: 443, bytesSent: 12 }] : null),
      evaluate: never,
      resolveAdaptor: never,
      listAdaptors: never,
      publishedVersions: never,
      exportArtefact: never,
      importArtefact: never,
      health: never,
    },
    { address: { host: "127.0.0.1", port: 0, isTls: false }, token },
  );
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    steps.close();
  });
  return { port: portOf(server), steps, ends, emits, server };
}

/** Bytes both ways, until it is told to keep them: connections stay, nothing moves, nobody hears of it. */
export async function proxyTo(port: number) {
  let passes = true;
  let accepts = true;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    sockets.add(near);
    near.on("error", quiet);
    if (!accepts) return;
    const far = net.connect(port, "127.0.0.1");
    sockets.add(far);
    far.on("error", quiet);
    near.on("data", (bytes) => passes && far.write(bytes));
    far.on("data", (bytes) => passes && near.write(bytes));
    near.on("close", () => passes && far.destroy());
    far.on("close", () => passes && near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: portOf(server),
    /** The machine behind it has vanished: no FIN, no RST. */
    vanish: () => {
      passes = false;
      accepts = false;
    },
    /** The network is back, on new connections. */
    heal: () => {
      passes = true;
      accepts = true;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
