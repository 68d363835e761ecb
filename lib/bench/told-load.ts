import { createServer } from "node:http";
import { processorMs } from "./memory";
import { completedPerSecond } from "./runs";
import { type Target, tokenOf } from "./setup";

export const messages = 600;
export const workflows = 4;
/** So many messages, one of which fails. */
export const oneIn = 20;

export const job = `fn(state => {
  if (state.data.fault) throw new Error(state.data.fault + " of visit " + state.data.patient.id);
  return { ...state, seen: true };
});`;

/** Runs a second, and milliseconds of processor time that the product took for one. */
export type Rate = { perSecond: number; runMs: number };

type Loaded = { url: string; launcher: number; targets: Target[] };

/** Sends messages of which one in twenty fails, in one workflow for this cause, until their runs have ended. */
export async function load({ url, launcher, targets }: Loaded, fault: string): Promise<Rate> {
  let sent = 0;
  const message = () => {
    const patient = { id: ++sent };
    // Of each twenty another one, so that each workflow, whose turn it is after the other, has some.
    const isFailing = sent % oneIn === Math.floor(sent / oneIn) % oneIn;
    const cause = sent % workflows === 1 ? fault : "Refused as always";
    return JSON.stringify({ ...(isFailing ? { fault: cause } : {}), patient, notes: "x".repeat(940) });
  };
  const began = processorMs(launcher);
  const perSecond = await completedPerSecond(url, targets, message, messages);
  return { perSecond, runMs: (processorMs(launcher) - began) / messages };
}

/** What hears of issues, on a port of its own. */
export async function listen(): Promise<{ port: number; received: () => number; close: () => void }> {
  let received = 0;
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      received++;
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { port, received: () => received, close: () => server.close() };
}

/** A channel of the project that is told of failures at this address, made as a person would. */
export async function addChannel(origin: string, target: Target, type: string, url: string): Promise<void> {
  const response = await fetch(`${origin}/api/projects/${target.projectId}/notice-channels`, {
    method: "POST",
    headers: { authorization: `Bearer ${await tokenOf(target)}`, "content-type": "application/json" },
    body: JSON.stringify({ name: type, type, url }),
  });
  if (!response.ok) throw new Error(`A channel was not made: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
