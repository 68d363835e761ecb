import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

const cost = 2 ** 15;
const keyLength = 32;
/** Compared against when there is no account, so that an unknown e-mail takes as long as a known one. */
const nobody = `scrypt$${cost}$${Buffer.alloc(16).toString("base64")}$${Buffer.alloc(keyLength).toString("base64")}`;

function derive(password: string, salt: Buffer, n: number): Promise<Buffer> {
  const options: ScryptOptions = { N: n, r: 8, p: 1, maxmem: 128 * n * 8 * 2 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, keyLength, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** `scrypt$<N>$<salt>$<key>`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `scrypt$${cost}$${salt.toString("base64")}$${key.toString("base64")}`;
}

/** Whether the password is the one behind the hash. Without a hash it takes the same time and is false. */
export async function verifyPassword(password: string, hash: string | null | undefined): Promise<boolean> {
  const [, n = "", salt = "", key = ""] = (hash ?? nobody).split("$");
  const want = Buffer.from(key, "base64");
  const got = await derive(password, Buffer.from(salt, "base64"), Number(n));
  return want.length === got.length && timingSafeEqual(want, got) && Boolean(hash);
}
