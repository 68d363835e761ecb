// @ts-check
import { install, isInstalled } from "./install.mjs";
import { checkRole, isRole } from "./role.mjs";
import { servingNode } from "./runtime.mjs";
import { isStopping, stopAll, stopOnSignals } from "./signals.mjs";
import { checkStart, takePossession } from "./start.mjs";

const parentCheckMs = 500;

/**
 * What `serve.sh` does first: installs what is missing, once it is known that a start could work, and prints the path of the Node
 * to go on with; nothing when it was told to stop.
 * @param {string} _
 * @param {string[]} args what is to be served
 */
export async function run(_, [name = "start"]) {
  if (!isInstalled()) {
    stopOnSignals({ say: () => console.error("Stopping …") });
    stopWithParent();
    let wasStopped = false;
    try {
      if (isRole(name)) await checkRole(name);
      else await takePossession(checkStart());
      await install();
    } finally {
      wasStopped = isStopping();
      await stopAll();
    }
    if (wasStopped) return;
  }
  console.log(servingNode());
}

/** A signal to the shell that waits here reaches nobody else. */
function stopWithParent() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && !isStopping()) process.kill(process.pid, "SIGTERM");
  }, parentCheckMs).unref();
}
