import { sql } from "drizzle-orm";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { Found } from "@/lib/domain/person/finder";
import { GoneError, stateOf } from "@/lib/state/kept";
import { firstThatFit, type Item, type Place, type Scan } from "./place";

const batchBytes = 1_000_000;
const pageClips = 500;

type Clip = { id: string; body: string | null; sealed: string | null; size: number };

/** Where these stored states name the person, in what is shown of them or in what is handed on. */
export async function lookInClips(scan: Scan, ids: string[]): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  if (ids.length === 0) return found;
  const sizes = await rows<{ id: string; bytes: number }>(
    scan.db,
    sql`select id, size as bytes from dataclips where project_id = ${scan.projectId} and id = any(${sql.param([...new Set(ids)])}::uuid[])
        and body is not null order by id`,
  );
  for (let left = sizes; left.length > 0; ) {
    const batch = firstThatFit(left, batchBytes);
    left = left.slice(batch.length);
    const clips = await rows<Clip>(
      scan.db,
      sql`select id, body, sealed, size from dataclips where project_id = ${scan.projectId}
          and id = any(${sql.param(batch.map(({ id }) => id))}::uuid[])`,
    );
    for (const clip of clips) {
      const here = await lookInClip(scan, clip);
      if (here) found.set(clip.id, here);
    }
  }
  return found;
}

async function lookInClip({ finder, projectId }: Scan, clip: Clip): Promise<Found | null> {
  if (clip.body === null) return null;
  const shown = await finder.state(clip.body);
  if (shown || clip.sealed === null) return shown;
  try {
    const found = await finder.state(stateOf(projectId, { ...clip, isWiped: false }).text);
    // What stands around it is hidden on purpose.
    return found && { excerpt: "" };
  } catch (error) {
    if (error instanceof GoneError) return null;
    throw error;
  }
}

/** Stored states that no step came to: saved inputs, and what was pasted for a run. */
export const clipsPlace: Place = {
  name: "inputs",
  async page(scan) {
    const { db, projectId, until, cursor } = scan;
    const ofProject = keyset([[sql`d.project_id`, projectId]], sql`d.id`, {
      after: cursor ?? undefined,
      before: until,
    });
    const page = await rows<{ id: string; isInput: boolean; name: string | null; createdAt: Date | string }>(
      db,
      sql`select d.id, (d.type <> 'step_result' or d.name is not null) as "isInput", d.name, d.created_at as "createdAt" from dataclips d
          where ${ofProject.where} order by ${ofProject.oldestFirst} limit ${pageClips}`,
    );
    const inputs = page.filter(({ isInput }) => isInput);
    const found = await lookInClips(
      scan,
      inputs.map(({ id }) => id),
    );
    const items = inputs.flatMap(({ id, name, createdAt }): Item[] => {
      const named = name === null ? null : scan.finder.text(name);
      const here = found.get(id) ?? named;
      if (!here) return [];
      const places = [...(found.has(id) ? ["state"] : []), ...(named ? ["name"] : [])];
      const kind = name === null ? "input" : "saved_input";
      return [
        { kind, itemId: id, via: "found", places, excerpt: here.excerpt || null, at: new Date(createdAt) },
      ];
    });
    return { items, seen: page.length, cursor: page.length < pageClips ? null : (page.at(-1)?.id ?? null) };
  },
};
