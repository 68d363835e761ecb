import { searchableTexts } from "@/lib/body/searchable";
import { fileBytes, matchableText, plainBytes, type StoredBody } from "@/lib/body/stored";
import { type Finder, type Found, parsed } from "@/lib/domain/person/finder";
import { Where } from "./place";

/** A request as it is stored: its texts as JSON text or as they are. */
export type StoredRequest = StoredBody & {
  view: string | null;
  path: string[];
  query: string;
  headers: string;
  preview: string;
  contentType: string | null;
};

/** Where in a request the person is named. */
export async function lookInRequest(finder: Finder, request: StoredRequest): Promise<Where> {
  const where = new Where();
  where.add("path", finder.text(request.path.join("\n")));
  where.add("query", await finder.json(request.query));
  where.add("headers", await finder.json(request.headers));
  where.add("headers", finder.text(request.contentType ?? ""));
  if (request.reading) where.add("query", await finder.json(JSON.stringify(request.reading)));
  where.add("body", (await lookInBody(finder, request)) ?? finder.text(request.preview));
  if (finder.hasPaths) where.add("body", finder.values(await meaningOf(request)));
  return where;
}

/** In every text that a body has, files that are texts included. */
async function lookInBody(finder: Finder, stored: StoredRequest): Promise<Found | null> {
  for await (const text of searchableTexts(stored)) {
    const found = finder.text(text);
    if (found) return found;
  }
  if (stored.format !== "binary" && stored.format !== "multipart") return null;
  const bytes = await plainBytes(stored);
  const whole = finder.text(Buffer.from(bytes).toString("utf8"));
  if (whole) return whole;
  for (const file of stored.reading?.files ?? []) {
    const found = file.isBase64 ? finder.text(Buffer.from(fileBytes(bytes, file)).toString("utf8")) : null;
    if (found) return found;
  }
  return null;
}

/** What paths are followed in: a message as a job sees it. */
async function meaningOf(request: StoredRequest): Promise<unknown> {
  return {
    data: parsed(await matchableText(request)),
    query: parsed(request.query),
    headers: parsed(request.headers),
    path: request.path,
  };
}
