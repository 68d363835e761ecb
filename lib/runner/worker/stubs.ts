import fs from "node:fs";
import process from "node:process";
import { coded, type Module, once } from "./builtin";
import { adaptorConsole } from "./console";

const refusal = (what: string) => (): never => {
  throw coded("EACCES", `${what} is not available in a job`);
};

const missing = (path: unknown): never => {
  throw coded("ENOENT", `ENOENT: no such file or directory, '${String(path)}'`, { errno: -2 });
};

/** A module whose every function throws EACCES when it is called, so that requiring it is harmless. */
export function refused(name: string): Module {
  return new Proxy<Module>(
    {},
    {
      get(_, key) {
        if (typeof key === "symbol" || key === "__esModule" || key === "default" || key === "then")
          return undefined;
        return refusal(`${name}.${key}`);
      },
    },
  );
}

/** A file system with nothing in it. Adaptors look for optional files; none exists, none can be written. */
export const fsModule = once((): Module => {
  const readLater = (...given: unknown[]): void => {
    const callback = given.at(-1) as (error: Error) => void;
    callback(coded("ENOENT", "Files are not available in a job"));
  };
  const stat = (path: unknown) =>
    path === "/" || path === "/adaptor" ? { isDirectory: () => true, isFile: () => false } : missing(path);
  const module: Module = {};
  for (const [key, value] of Object.entries(fs)) {
    module[key] = typeof value === "function" ? refusal(`fs.${key}`) : value;
  }
  Object.assign(module, {
    promises: refused("fs.promises"),
    existsSync: () => false,
    readFileSync: missing,
    readFile: readLater,
    statSync: stat,
    lstatSync: stat,
    accessSync: missing,
    realpathSync: (path: unknown) => path,
  });
  module.default = module;
  return module;
});

export const osModule = once((): Module => {
  const module: Module = {
    EOL: "\n",
    constants: { signals: {}, errno: {} },
    platform: () => "linux",
    type: () => "Linux",
    arch: () => "x64",
    release: () => "0",
    version: () => "0",
    hostname: () => "worker",
    endianness: () => "LE",
    cpus: () => [{}],
    availableParallelism: () => 1,
    totalmem: () => 5e8,
    freemem: () => 2e8,
    loadavg: () => [0, 0, 0],
    uptime: () => 1,
    tmpdir: () => "/tmp",
    homedir: () => "/",
    networkInterfaces: () => ({}),
    userInfo: () => ({ username: "job" }),
  };
  module.default = module;
  return module;
});

const outputTo = (level: "log" | "warn") => ({
  isTTY: false,
  write(text: unknown) {
    adaptorConsole[level](String(text).replace(/\n$/, ""));
    return true;
  },
});

/** `process` as adaptors see it: the runtime's version, an empty environment, output that becomes log lines. */
export const processModule = once((): Module => {
  const { version, versions, platform, arch, release } = process;
  const chain = function (this: unknown) {
    return this;
  };
  const module: Module = {
    ...{ version, versions, platform, arch, release },
    env: {},
    argv: ["job"],
    execArgv: [],
    pid: 1,
    ppid: 0,
    title: "job",
    browser: false,
    features: {},
    config: {},
    cwd: () => "/",
    uptime: () => 1,
    nextTick: process.nextTick.bind(process),
    hrtime: process.hrtime,
    memoryUsage: () => process.memoryUsage(),
    emitWarning: () => undefined,
    emit: () => false,
    listeners: () => [],
    on: chain,
    once: chain,
    off: chain,
    addListener: chain,
    removeListener: chain,
    stdout: outputTo("log"),
    stderr: outputTo("warn"),
  };
  module.default = module;
  return module;
});
