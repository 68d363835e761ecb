import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** A server of S3-compatible storage, in a process of its own. */
export type StorageServer = {
  /** The environment that leads a process there. */
  env: Record<string, string>;
  /** Names of objects that are there, with what their files hold. */
  objects(): Map<string, Buffer>;
  /** Where an object's file is. */
  fileOf(name: string): string;
  /** Another bucket answers by this name, until this is called again. */
  swap(): void;
  /** As when the machine loses power. */
  kill(): Promise<void>;
  /** On the same port, with the same objects. */
  start(): Promise<void>;
  /** Ends it for good. */
  end(): Promise<void>;
};

const require = createRequire(import.meta.url);
const bucketName = "waybill";
const objectFile = "._S3rver_object";

const script = `
const [module, directory, port] = process.argv.slice(1);
const S3rver = require(module);
const server = new S3rver({ address: "127.0.0.1", port: Number(port), silent: true, directory, configureBuckets: [{ name: "${bucketName}" }] });
server.run().then(({ port }) => console.log(port));
process.on("disconnect", () => process.exit());
`;

export async function startStorage(): Promise<StorageServer> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-storage-"));
  let child: ChildProcess | undefined;
  let port = 0;
  const start = async () => {
    child = spawn(
      process.execPath,
      ["-e", script, require.resolve("@20minutes/s3rver"), directory, String(port)],
      {
        stdio: ["ignore", "pipe", "inherit", "ipc"],
      },
    );
    if (!child.stdout) throw new Error("It has no output.");
    const [line] = await once(createInterface(child.stdout), "line");
    port = Number(line);
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  await start();
  const root = path.join(directory, bucketName);
  const other = path.join(directory, "other");
  fs.mkdirSync(other);
  return {
    env: {
      PAYLOADS_URL: `http://127.0.0.1:${port}/${bucketName}`,
      PAYLOADS_ACCESS_KEY: "S3RVER",
      PAYLOADS_SECRET_KEY: "S3RVER",
    },
    objects: () =>
      new Map(
        fs
          .readdirSync(root, { recursive: true, encoding: "utf8" })
          .filter((file) => file.endsWith(objectFile))
          .map((file) => [file.slice(0, -objectFile.length), fs.readFileSync(path.join(root, file))]),
      ),
    swap: () => {
      const between = path.join(directory, "between");
      fs.renameSync(root, between);
      fs.renameSync(other, root);
      fs.renameSync(between, other);
    },
    fileOf: (name) => path.join(root, `${name}${objectFile}`),
    kill,
    start,
    end: async () => {
      await kill();
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}
