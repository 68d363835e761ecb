// @ts-check
import path from "node:path";
import { answersPostgres, diskTrouble, whatIsAway } from "./away.mjs";
import { databaseSettings, machineOf } from "./database-settings.mjs";
import { usualLimits } from "./liveness.mjs";
import { freePort, startPostgres } from "./postgres.mjs";
import { endStoppedChildren } from "./postgres-processes.mjs";
import { onStop } from "./signals.mjs";
import { supervise } from "./supervise.mjs";

/** A disk that is just full or just not is not news each time. */
const steadyLooks = 5;

/** Says what keeps the database from writing, once, and that it is over. Told at each look. */
function troubleSayer() {
  /** @type {string | null} */
  let said = null;
  let looks = 0;
  /** @param {string | null} trouble */
  return (trouble) => {
    looks = trouble === said ? 0 : looks + 1;
    if (looks === 0 || (said !== null && looks < steadyLooks)) return;
    looks = 0;
    said = trouble;
    console.error(
      trouble
        ? `While ${trouble}, messages are refused (503): make room. Waybill goes on by itself.`
        : "There is room on the disk again.",
    );
  };
}

/**
 * PostgreSQL in the data directory, kept running on one port until the launcher stops. Resolves once it accepts
 * connections.
 * @param {string} dataDir
 * @param {{ onChange?: (identity: import("./processes.mjs").Identity | null) => void }} [options]
 */
export async function startDatabase(dataDir, { onChange } = {}) {
  const port = await freePort();
  const sayTrouble = troubleSayer();
  let url = "";
  /** For processes of ours. */
  let ownUrl = "";
  let pid = 0;
  const process = supervise({
    name: "database",
    async begin() {
      const dir = path.join(dataDir, "postgres");
      const flags = databaseSettings(machineOf(dataDir));
      // Files that were there a moment ago are never made anew: what keeps us from seeing them will pass.
      const server = await startPostgres({ dir, port, flags, mayMake: url === "" });
      ({ url, pid } = server);
      ownUrl = server.socketUrl ?? url;
      return server.process;
    },
    isReady: () => true,
    limits: usualLimits,
    async probe() {
      sayTrouble(diskTrouble(dataDir));
      endStoppedChildren(pid);
      return answersPostgres({ host: "127.0.0.1", port });
    },
    whatIsAway: () => whatIsAway({ dataDir }),
    graceSteps: [
      ["SIGINT", 8000],
      ["SIGQUIT", 3000],
      ["SIGKILL", 2000],
    ],
    onChange,
  });
  onStop(() => process.stop());
  await process.ready;
  return { process, url, ownUrl };
}
