import { createHmac } from "node:crypto";
import { z } from "zod";
import { open, seal } from "@/lib/crypto/envelope";
import { deriveKey } from "@/lib/crypto/keys";
import { redactedForm } from "@/lib/crypto/redacted-form";
import { fold } from "@/lib/search/fold";
import { Finder, type PersonKey } from "./finder";

/** What an envelope of a person's keys, or of what stands around them, is sealed for. */
export const personContext = (projectId: string): string => `person:${projectId}`;

const storedKeys = z.array(
  z.union([
    z.strictObject({ text: z.string(), isPart: z.boolean() }),
    z.strictObject({ path: z.string(), value: z.string() }),
  ]),
);

export const sealKeys = (projectId: string, keys: readonly PersonKey[]): string =>
  seal(JSON.stringify(keys), personContext(projectId));

/** Throws when the key that sealed them is gone. */
export const openKeys = (projectId: string, sealed: string): PersonKey[] =>
  storedKeys.parse(JSON.parse(open(sealed, personContext(projectId))));

export const finderOf = (projectId: string, keys: readonly PersonKey[]): Promise<Finder> =>
  Finder.of(keys, (text) => redactedForm(projectId, text));

/** As people read it. */
export const wordsOf = (key: PersonKey): string =>
  "path" in key
    ? `${key.path} = ${key.value}`
    : `${key.text}${key.isPart ? " (also as part of a word)" : ""}`;

/** What a certificate says of a key: the same for the same key of a project, under this installation's SECRET_KEY. */
export const digestOf = (projectId: string, key: PersonKey): string =>
  createHmac("sha256", deriveKey("wipe certificates: keys"))
    .update(
      JSON.stringify(
        "path" in key
          ? [projectId, "path", key.path, comparable(key.value)]
          : [projectId, "text", comparable(key.text)],
      ),
    )
    .digest("base64url");

const comparable = (text: string): string => fold(text.trim().replace(/\s+/g, " "));
