import { randomInt } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { dataLimitMb, workerCpuSeconds, workerFileDescriptors, workerThreads } from "@/lib/runner/limits";

/** Names in `/health`, weakest first. */
export type Layer =
  | "deno-permissions"
  | "rlimits"
  | "parent-death-signal"
  | "no-new-privs"
  | "uid"
  | "namespaces"
  | "file-system";

export type SandboxPlan = {
  layers: Layer[];
  /** Programs in front of the worker's command line. */
  wrap(paths: SandboxPaths, uid: number): string[];
};

export type SandboxPaths = { deno: string; worker: string };

/** Complete: nothing of the runner's environment reaches a worker. */
export const workerEnvironment: Record<string, string> = {
  DENO_DIR: "/dev/null/x",
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
  TZ: "UTC",
};

/** Workers get uids of their own above this one, so that none may signal or read another. */
const firstWorkerUid = 61_000;
const workerUids = 4_000;
/** Anywhere in the range, so that a second runner on the machine is unlikely to use the same ones. */
let nextUid = randomInt(workerUids);

export function takeUid(): number {
  nextUid = (nextUid + 1) % workerUids;
  return firstWorkerUid + nextUid;
}

/** Path of the Deno binary for this machine. Throws a sentence when its package is missing. */
export function denoBinary(): string {
  const libc = process.platform === "linux" ? "-glibc" : "";
  const name = `@deno/${process.platform}-${process.arch}${libc}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return fs.realpathSync(path.join(path.dirname(manifest), "deno"));
  } catch {
    throw new Error(
      `The package ${name} is not installed; jobs cannot run without it. Run npm install on this machine.`,
    );
  }
}

const isLinux = process.platform === "linux";
const isRoot = process.getuid?.() === 0;

function findProgram(name: string): string | null {
  const folders = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin"];
  return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file)) ?? null;
}

const denied = ["net", "read", "write", "run", "ffi", "sys", "import"];

/** Threads of a worker with a user id of its own; dash calls the option -p, other shells -u. */
const threadLimit = `{ ulimit -p ${workerThreads} || ulimit -u ${workerThreads} || true; } 2>/dev/null`;

/** The worker's own command line. A limit on threads counts per user, so it needs a user id of the worker's own. */
export function workerCommand(paths: SandboxPaths, heapMb: number, hasOwnUid: boolean): string[] {
  const v8 = `--max-old-space-size=${heapMb},--max-semi-space-size=4,--disallow-code-generation-from-strings`;
  const deno = [
    ...[
      paths.deno,
      "run",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--no-remote",
      "--no-npm",
      "--cached-only",
      "--quiet",
    ],
    ...[
      "--ignore-env",
      ...denied.map((permission) => `--deny-${permission}`),
      `--v8-flags=${v8}`,
      paths.worker,
    ],
  ];
  if (!isLinux) return deno;
  const limits = [
    ...[
      "-c 0",
      "-f 0",
      `-n ${workerFileDescriptors}`,
      `-t ${workerCpuSeconds}`,
      `-d ${dataLimitMb(heapMb) * 1024}`,
    ],
  ].map((limit) => `ulimit ${limit}`);
  if (hasOwnUid) limits.push(threadLimit);
  return ["/bin/sh", "-c", `${limits.join("; ")}; exec nice -n 5 "$0" "$@"`, ...deno];
}

const setpriv = isLinux ? findProgram("setpriv") : null;
const unshare = isLinux ? findProgram("unshare") : null;
const bwrap = isLinux ? findProgram("bwrap") : null;

const dropPrivileges = (uid: number | null): string[] => [
  ...[setpriv ?? "setpriv", "--pdeathsig", "KILL", "--no-new-privs"],
  ...(uid === null
    ? []
    : ["--reuid", String(uid), "--regid", String(uid), "--clear-groups", "--bounding-set", "-all"]),
  "--",
];

const namespaces = (): string[] => [
  ...[unshare ?? "unshare", ...(isRoot ? [] : ["--user"]), "--net", "--pid", "--ipc", "--uts", "--mount"],
  ...["--fork", "--kill-child=KILL", "--mount-proc", "--"],
];

const bubble = ({ deno, worker }: SandboxPaths): string[] => {
  const system = ["/lib", "/lib64", "/usr/lib", "/usr/bin/nice", "/bin/sh"].filter((file) =>
    fs.existsSync(file),
  );
  return [
    ...[bwrap ?? "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"],
    ...["--uid", "65534", "--gid", "65534", "--clearenv"],
    ...Object.entries(workerEnvironment).flatMap(([key, value]) => ["--setenv", key, value]),
    ...[...system, deno, worker].flatMap((file) => ["--ro-bind", file, file]),
    ...["--dev", "/dev", "--proc", "/proc", "--chdir", "/", "--"],
  ];
};

const base: Layer[] = isLinux ? ["deno-permissions", "rlimits"] : ["deno-permissions"];
const privileges: Layer[] = ["parent-death-signal", "no-new-privs"];

/** What this host may be able to do, strongest first. The last one always works where Deno does. */
export function sandboxPlans(): SandboxPlan[] {
  const plans: SandboxPlan[] = [];
  const uidLayer: Layer[] = isRoot ? ["uid"] : [];
  const drop = (uid: number) => dropPrivileges(isRoot ? uid : null);
  if (bwrap && setpriv) {
    plans.push({
      layers: [...base, ...privileges, ...uidLayer, "namespaces", "file-system"],
      wrap: (paths, uid) => [...drop(uid), ...bubble(paths)],
    });
  }
  if (unshare && setpriv) {
    plans.push({
      layers: [...base, ...privileges, ...uidLayer, "namespaces"],
      wrap: (_, uid) => [...dropParentOnly(), ...namespaces(), ...drop(uid)],
    });
  }
  if (setpriv) plans.push({ layers: [...base, ...privileges, ...uidLayer], wrap: (_, uid) => drop(uid) });
  plans.push({ layers: base, wrap: () => [] });
  return plans;
}

/** `unshare` itself must die with the runner as well; the worker below it dies with `unshare`. */
const dropParentOnly = (): string[] => [setpriv ?? "setpriv", "--pdeathsig", "KILL", "--"];

/** Strangers' code is safe to run only when an escape from Deno would still not reach this process. */
export const isStrongIsolation = (layers: Layer[]): boolean =>
  layers.includes("uid") || layers.includes("namespaces");

/** Throws a sentence for the operator when isolation is weak and nobody said that the authors of jobs are trusted. */
export function assertIsolation(layers: Layer[], isWeakAllowed: boolean): void {
  if (isStrongIsolation(layers) || isWeakAllowed) return;
  throw new Error(
    "Jobs would run without a user id or namespaces of their own on this machine, so an escape from Deno would reach the runner. " +
      "Start the runner as root, allow unprivileged user namespaces or install bubblewrap; or set ALLOW_WEAK_SANDBOX=1 if you trust everyone who writes jobs.",
  );
}
