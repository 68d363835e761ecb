import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { serveRunner } from "@/lib/runner/host/server";
import { StepRegistry } from "@/lib/runner/step/step-registry";
import { result, ScriptedRunner } from "@/lib/testing/scripted-runner";

/** A runner that answers by script, on a socket as the real one, named by the environment of this process. */
export async function startScriptedRunner(): Promise<() => void> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-fuzz-"));
  const socketPath = path.join(dir, "runner.sock");
  const token = "runner-token-runner-token";
  const scripted = new ScriptedRunner();
  const health = await scripted.health();
  const server = await serveRunner(
    {
      life: health.life,
      steps: new StepRegistry(async () => result()),
      reached: () => null,
      evaluate: () => scripted.evaluate(),
      resolveAdaptor: (name, version) => scripted.resolveAdaptor(name, version),
      listAdaptors: () => scripted.listAdaptors(),
      publishedVersions: () => scripted.publishedVersions(),
      exportArtefact: (hash) => scripted.exportArtefact(hash),
      importArtefact: (hash, bytes) => scripted.importArtefact(hash, bytes),
      health: () => health,
    },
    { address: { socketPath }, token },
  );
  process.env.RUNNER_URL = `unix:${socketPath}`;
  process.env.RUNNER_TOKEN = token;
  return () => {
    server.closeAllConnections();
    server.close();
    fs.rmSync(dir, { recursive: true, force: true });
  };
}
