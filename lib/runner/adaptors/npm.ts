import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { toolEnvironment } from "@/lib/env";
import { inTime, LateError } from "@/lib/in-time";

export type NpmSettings = {
  /** Registry address; absent means what npm is configured for on this machine. */
  registry?: string | undefined;
  /** The only variables npm sees besides those set here; absent means `toolEnvironment()`. */
  environment?: Record<string, string> | undefined;
};

export type NpmResult = { ok: boolean; stdout: string; output: string; stopped: "time" | "size" | null };

const maxOutputChars = 2_000_000;
const watchMs = 3000;
/** Between the end of npm's time and of its output. */
const farewellMs = 5_000;

/** npm's configuration may hold the registry's certificate and token, so the user's file is named; nothing else is passed on. */
function environmentOf(
  { registry, environment = toolEnvironment() }: NpmSettings,
  home: string,
): NodeJS.ProcessEnv {
  const userConfig = path.join(os.homedir(), ".npmrc");
  return {
    ...environment,
    PATH: [environment.PATH, path.dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"]
      .filter(Boolean)
      .join(path.delimiter),
    NODE_ENV: "production",
    HOME: home,
    npm_config_cache: path.join(home, "cache"),
    npm_config_update_notifier: "false",
    npm_config_loglevel: "error",
    npm_config_fetch_retries: "1",
    npm_config_fetch_retry_mintimeout: "500",
    npm_config_fetch_retry_maxtimeout: "5000",
    npm_config_fetch_timeout: "30000",
    ...(fs.existsSync(userConfig) ? { npm_config_userconfig: userConfig } : {}),
    ...(registry ? { npm_config_registry: registry } : {}),
  };
}

/** Asked of another process, so that steps of other projects do not wait for a walk over thousands of files. */
const folderBytes = async (folder: string): Promise<number> => {
  const { stdout } = await promisify(execFile)("du", ["-sk", folder], { timeout: 30_000 }).catch(() => ({
    stdout: "0",
  }));
  return Number.parseInt(stdout, 10) * 1024;
};

export type NpmLimits = { timeoutMs: number; maxBytes?: number };

/** Runs npm in `home`, a folder of its own, and ends it with all it started when it takes too long or writes too much. */
export async function runNpm(
  args: string[],
  home: string,
  settings: NpmSettings,
  { timeoutMs, maxBytes = Number.POSITIVE_INFINITY }: NpmLimits,
): Promise<NpmResult> {
  const child = spawn("npm", args, {
    cwd: home,
    env: environmentOf(settings, home),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let stopped: NpmResult["stopped"] = null;
  const stop = (reason: "time" | "size") => {
    stopped ??= reason;
    killGroup(child.pid);
  };
  const isTooLarge = async () => Number.isFinite(maxBytes) && (await folderBytes(home)) > maxBytes;
  const deadline = setTimeout(() => stop("time"), timeoutMs);
  const watch = setInterval(async () => (await isTooLarge()) && stop("size"), watchMs);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => {
    stdout = (stdout + data).slice(0, maxOutputChars);
  });
  child.stderr.on("data", (data: Buffer) => {
    stderr = (stderr + data).slice(-maxOutputChars);
  });
  try {
    // What left the group may hold its output open: it is not waited for.
    const code = await inTime(ended(child), timeoutMs + farewellMs).catch((error: unknown) => {
      if (!(error instanceof LateError)) throw error;
      child.stdout.destroy();
      child.stderr.destroy();
      return null;
    });
    if (!stopped && (await isTooLarge())) stopped = "size";
    return { ok: code === 0 && !stopped, stdout, output: `${stderr}\n${stdout}`, stopped };
  } finally {
    clearTimeout(deadline);
    clearInterval(watch);
  }
}

async function ended(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, "close");
  return code;
}

function killGroup(pid: number | undefined) {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}
