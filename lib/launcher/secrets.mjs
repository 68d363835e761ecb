// @ts-check
import { hkdfSync, randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { codeOf } from "./failure.mjs";

/**
 * The installation's master key: the environment's, else the one made once into `secrets.json` of the data directory.
 * The runner's token follows from it.
 * @param {string} dataDir
 * @param {Record<string, string | undefined>} [env]
 * @returns {{ SECRET_KEY: string, RUNNER_TOKEN: string }}
 */
export function secrets(dataDir, env = process.env) {
  const SECRET_KEY = env.SECRET_KEY || stored(path.join(dataDir, "secrets.json"));
  const derived = () =>
    Buffer.from(hkdfSync("sha256", SECRET_KEY, "", "waybill runner token", 32)).toString("base64url");
  return { SECRET_KEY, RUNNER_TOKEN: env.RUNNER_TOKEN || derived() };
}

/**
 * @param {string} file
 * @returns {string}
 */
function stored(file) {
  try {
    const { secretKey } = JSON.parse(fs.readFileSync(file, "utf8"));
    if (secretKey) return secretKey;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  if (fs.existsSync(path.join(path.dirname(file), "postgres", "PG_VERSION")))
    console.error(
      `${file} is missing, so a new key is made, which does not open what was stored before: put the file back if you can.`,
    );
  const secretKey = randomBytes(32).toString("base64");
  const draft = `${file}.new`;
  fs.writeFileSync(draft, `${JSON.stringify({ secretKey })}\n`, { mode: 0o600 });
  fs.renameSync(draft, file);
  return secretKey;
}
