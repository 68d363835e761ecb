import { type Decoders, undoCodings } from "@/lib/body/codings";
import { nestFields } from "@/lib/body/fields";
import { type ReadBody, readBody, type Said } from "@/lib/body/read";
import type { Reading } from "@/lib/body/reading";
import { isRedacted } from "@/lib/crypto/redaction";
import { type JsonPath, parseJsonPath } from "@/lib/json-path";
import { tooMuch } from "@/lib/limits";
import type { Json } from "@/lib/workflow/types";
import { openBody } from "./body";
import { byteText } from "./bytes";
import { Digests, TooManyValues, valueText, withCuts } from "./digests";
import type { Look } from "./fields";
import { redactFields } from "./form";
import { jsonCuts } from "./json";
import { type Mark, markedPlaces, saysNothing, TooManyWays } from "./marks";
import { readingHeaders } from "./reading-headers";
import { redactValue } from "./value";

/** A message before it is stored. */
export type Bare = {
  method: string;
  /** Segments, as a job sees them. */
  path: string[];
  headers: Record<string, string>;
  /** As it is nested; and its parameters one by one, where they are known. */
  query: Record<string, Json>;
  parameters: [string, string][] | undefined;
  bytes: Uint8Array;
  said: Said;
  read: ReadBody;
};

export type By = {
  paths: readonly string[];
  key: CryptoKey;
  decoders?: Decoders | undefined;
  /** Headers with signatures of the body, which are hidden with it: they say too much of what is known but for little. */
  signedIn?: readonly string[];
};

/** The same as it may be stored: `read` says which paths led somewhere (`reading.redacted`). */
export type Redacted = Omit<Bare, "said"> & {
  contentType: string | null;
  /** The body is another one than what was sent. */
  isBodyChanged: boolean;
};

/** Why a message cannot be stored, in a sentence for its sender. */
export type Unredactable = { refused: "unredactable" | "too_large"; reason: string };

/**
 * Puts what the paths lead to out of a message: what stands there instead is a keyed digest (lib/crypto/redaction.ts). What is
 * stored is read again and looked through by the same paths, so that nothing that could not be redacted is kept.
 */
export async function redactMessage(bare: Bare, by: By): Promise<Redacted | Unredactable> {
  try {
    return await new Redaction(bare, by).redacted();
  } catch (error) {
    return refusalOf(error, "The message");
  }
}

/**
 * JSON text of a state that a person brings, with what the paths lead to redacted. Why it cannot be stored, where more
 * is to be redacted than may be.
 */
export async function redactState(text: string, { paths, key }: By): Promise<string | Unredactable> {
  try {
    const { root } = markedPlaces(paths.map(parseJsonPath), JSON.parse(text));
    return await withCuts(text, jsonCuts(text, root), new Digests(key));
  } catch (error) {
    return refusalOf(error, "The input");
  }
}

function refusalOf(error: unknown, what: string): Unredactable {
  if (error instanceof TooManyValues)
    return { refused: "too_large", reason: tooMuch("redactedValues", null, what) };
  if (error instanceof TooManyWays) return { refused: "too_large", reason: error.message };
  throw error;
}

const unredactable: Unredactable = {
  refused: "unredactable",
  reason:
    "Parts of a message's body are redacted before it is stored here, and they cannot be found in this one. Send JSON, XML or a form, and say so in its Content-Type.",
};

/** Headers that tell how a body is to be read, or follows from its bytes. */
const keptHeaders = new Set(readingHeaders);
/** Digests of the body: whoever knows the rest of it could try what was redacted until they fit. */
const digestHeaders = [
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
  "x-amz-content-sha256",
  "etag",
];
const digestParameter = "bodySHA256";
const wholeType = "text/plain; charset=utf-8";

const encoder = new TextEncoder();

class Redaction {
  readonly #paths: readonly JsonPath[];
  readonly #digests: Digests;
  readonly #used = new Set<number>();

  constructor(
    readonly bare: Bare,
    readonly by: By,
  ) {
    this.#paths = by.paths.map(parseJsonPath);
    this.#digests = new Digests(by.key);
  }

  async redacted(): Promise<Redacted | Unredactable> {
    const body = await this.#body();
    if ("refused" in body) return body;
    const { path, method } = this.bare;
    const { query, parameters } = await this.#query(body.isBodyChanged);
    const headers = await this.#headers(body);
    const redactedPath = (await this.#values(path, ["request", "path"])) as string[];
    const redacted = [...this.#used].sort((a, b) => a - b).flatMap((path) => this.by.paths[path] ?? []);
    const { read } = body;
    const isRedacted = body.isBodyChanged || redacted.length > 0;
    const reading: Reading | null = isRedacted ? { ...read.reading, redacted } : read.reading;
    return { ...body, method, path: redactedPath, headers, query, parameters, read: { ...read, reading } };
  }

  /** What the paths mark of data at a place of the message. */
  #look(at: string[], isWritten = true): Look {
    return (data) => {
      const { root, used } = markedPlaces(
        this.#paths,
        at.reduceRight<unknown>((inner, key) => ({ [key]: inner }), data),
      );
      let mark: Mark | undefined = root;
      for (const key of at) mark = mark?.isWhole ? mark : mark?.inner.get(key);
      if (mark && isWritten) for (const path of used) this.#used.add(path);
      return mark;
    };
  }

  async #values(value: Json, at: string[]): Promise<Json> {
    const mark = this.#look(at)(value);
    return mark ? redactValue(value, mark, this.#digests) : value;
  }

  async #query(isBodyChanged: boolean): Promise<Pick<Bare, "query" | "parameters">> {
    const { method, read } = this.bare;
    const places = [["request", "query_params"]];
    // A GET's query is its data.
    if (method === "GET" && read.format === "empty") places.push(["data"]);
    let { query, parameters } = this.bare;
    for (const at of places) {
      if (parameters)
        parameters = await redactFields(parameters, { look: this.#look(at), digests: this.#digests });
      else query = (await this.#values(query, at)) as Bare["query"];
    }
    if (isBodyChanged && parameters)
      parameters = parameters.map(([name, value]) => [name, name === digestParameter ? hidden : value]);
    else if (isBodyChanged && Object.hasOwn(query, digestParameter))
      query = { ...query, [digestParameter]: hidden };
    return { query: parameters ? (nestFields(parameters).value as Bare["query"]) : query, parameters };
  }

  async #headers(
    body: Pick<Redacted, "bytes" | "contentType" | "isBodyChanged">,
  ): Promise<Record<string, string>> {
    const free: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.bare.headers))
      if (!keptHeaders.has(name)) free[name] = value;
    const redacted = (await this.#values(free, ["request", "headers"])) as Record<string, string>;
    const headers = { ...this.bare.headers, ...redacted };
    if (!body.isBodyChanged) return headers;
    const { "content-encoding": _, ...plain } = headers;
    for (const name of [...digestHeaders, ...(this.by.signedIn ?? [])])
      if (Object.hasOwn(plain, name)) plain[name] = hidden;
    if (Object.hasOwn(plain, "content-length")) plain["content-length"] = String(body.bytes.length);
    return body.contentType === null ? plain : { ...plain, "content-type": body.contentType };
  }

  async #body(): Promise<Pick<Redacted, "bytes" | "read" | "contentType" | "isBodyChanged"> | Unredactable> {
    const { bytes, read, said } = this.bare;
    const { contentType } = said;
    const asItIs = { bytes, read, contentType, isBodyChanged: false };
    if (read.format === "empty" || !this.#paths.some(leadsIntoData)) return asItIs;
    const plain = await this.#plain();
    if (!plain) return unredactable;
    const look = this.#look(["data"]);
    const open = await openBody({ plain, read, said });
    const data: Json = open ? open.data : JSON.parse(read.format === "binary" ? '"bytes"' : read.matchable);
    const mark = look(data);
    if (mark?.isWhole) return this.#whole(read.format === "binary" ? btoa(byteText(plain)) : valueText(data));
    if (!open) return unredactable;
    const redacted = await open.redacted({ mark: mark ?? nowhere, look, digests: this.#digests });
    if (!redacted) return unredactable;
    if (isSame(redacted, plain)) return asItIs;
    const again = { ...said, contentEncoding: null, chosen: chosenAgain(said, read) };
    const reread = await readBody(redacted, again);
    if ("refused" in reread)
      return reread.refused === "too_large" && reread.reason
        ? { refused: "too_large", reason: reread.reason }
        : unredactable;
    if (reread.format !== read.format) return unredactable;
    const reopened = await openBody({ plain: redacted, read: reread, said: again });
    if (!reopened || !isHidden(reopened.data, this.#look(["data"], false)(reopened.data)))
      return unredactable;
    return { bytes: redacted, read: reread, contentType, isBodyChanged: true };
  }

  async #whole(
    value: string,
  ): Promise<Pick<Redacted, "bytes" | "read" | "contentType" | "isBodyChanged"> | Unredactable> {
    const bytes = encoder.encode(await this.#digests.one(value));
    const read = await readBody(bytes, { contentType: wholeType, contentEncoding: null });
    if ("refused" in read) return unredactable;
    return { bytes, read, contentType: wholeType, isBodyChanged: true };
  }

  /** The body without its content codings. */
  async #plain(): Promise<Uint8Array | undefined> {
    const { bytes, read } = this.bare;
    const codings = read.reading?.codings;
    if (!codings) return bytes;
    const uncoded = await undoCodings(bytes, codings.join(", "), this.by.decoders);
    return "refused" in uncoded ? undefined : uncoded.bytes;
  }
}

const hidden = "[REDACTED]";
const nowhere: Mark = { isWhole: false, inner: new Map() };

/** A text is in UTF-8 by now, whatever charset somebody chose for it; fields are in theirs. */
function chosenAgain({ chosen = {} }: Said, { format }: ReadBody): NonNullable<Said["chosen"]> {
  const isText = format === "json" || format === "xml";
  return isText ? { format: chosen.format } : chosen;
}

/** Whether a path may lead to something in the body. */
const leadsIntoData = ({ steps: [first] }: JsonPath): boolean =>
  first === undefined ||
  first.isDeep ||
  first.selectors.some((one) => one === "*" || ("name" in one && one.name === "data"));

/** Whether all that is marked is redacted by now. */
function isHidden(value: unknown, mark: Mark | undefined): boolean {
  if (!mark || saysNothing(value)) return true;
  if (mark.isWhole) return isAllRedacted(value);
  if (typeof value !== "object" || value === null) return true;
  return [...mark.inner].every(([step, inner]) =>
    isHidden((value as Record<string | number, unknown>)[step], inner),
  );
}

function isAllRedacted(value: unknown): boolean {
  if (typeof value === "string") return isRedacted(value);
  if (saysNothing(value)) return true;
  return (
    typeof value === "object" && value !== null && Object.values(value).every((one) => isAllRedacted(one))
  );
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, i) => byte === other[i]);
