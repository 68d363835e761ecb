// @ts-check
import path from "node:path";
import { freePort, startPostgres } from "./postgres.mjs";
import { onStop } from "./signals.mjs";
import { supervise } from "./supervise.mjs";

/** Durable (fsync and synchronous_commit stay on), few processes, little memory. */
const flags = [
  "shared_buffers=64MB",
  "max_connections=60",
  "superuser_reserved_connections=2",
  "work_mem=4MB",
  "maintenance_work_mem=64MB",
  "max_wal_size=512MB",
  "checkpoint_timeout=10min",
  "wal_level=minimal",
  "max_wal_senders=0",
  "wal_compression=on",
  "max_worker_processes=4",
  "max_parallel_workers_per_gather=1",
  "max_logical_replication_workers=0",
  "autovacuum_max_workers=2",
  "io_method=sync",
  "jit=off",
  "random_page_cost=1.1",
  "log_min_messages=warning",
];

/**
 * PostgreSQL in the data directory, kept running on one port until the launcher stops. Resolves once it accepts
 * connections.
 * @param {string} dataDir
 * @param {{ onChange?: (identity: import("./processes.mjs").Identity | null) => void }} [options]
 */
export async function startDatabase(dataDir, { onChange } = {}) {
  const port = await freePort();
  let url = "";
  const process = supervise({
    name: "database",
    async begin() {
      const server = await startPostgres({ dir: path.join(dataDir, "postgres"), port, flags });
      url = server.url;
      return server.process;
    },
    isReady: () => true,
    graceSteps: [
      ["SIGINT", 8000],
      ["SIGQUIT", 3000],
      ["SIGKILL", 2000],
    ],
    onChange,
  });
  onStop(() => process.stop());
  await process.ready;
  return { process, url };
}
