import { createHash } from "node:crypto";
import { z } from "zod";
import { actorUserId, type Context } from "@/lib/domain/context";
import { openProject, projectFiles } from "@/lib/domain/project/import";
import { getDocument } from "@/lib/domain/provision/get";
import type { Plan } from "@/lib/domain/provision/plan";
import { clientUuid } from "@/lib/domain/workflow/schemas";
import { stringifyExact } from "@/lib/exact-json";
import { limits } from "@/lib/limits";
import { alignKeys } from "@/lib/portability/align";
import type { ProjectDocument, ProjectPayload, StateDocument } from "@/lib/portability/document";
import type { Format } from "@/lib/portability/formats/open";
import type { ProjectSpec } from "@/lib/portability/spec";
import { stateOf } from "@/lib/portability/state";
import { toDocument } from "@/lib/portability/to-document";

/** Files that an existing project is to become like. */
export const filesInput = z.strictObject({
  ...projectFiles,
  remove: z.array(clientUuid).max(limits.workflows).default([]).meta({
    description: "Workflows that the files do not have and that are to be deleted. Others are kept.",
  }),
});
export type FilesInput = z.infer<typeof filesInput>;

/** What files say of a project: what is sent to make it so, and what it says otherwise than they do. */
export type Reading = {
  format: Format;
  payload: ProjectPayload;
  report: string[];
  /** Workflows of the project that the files do not have. */
  missing: { id: string; name: string }[];
};

/** Reads files against what the project is now. New records get ids that follow from `seed`. Throws as `openProject` does. */
export async function readFiles(ctx: Context, input: FilesInput, seed: string): Promise<Reading> {
  const { remove, ...sent } = input;
  const opened = await openProject(actorUserId(ctx.actor) ?? ctx.project.id, sent);
  const document = await getDocument(ctx, { extensions: true });
  const state = stateOf(document);
  const spec = alignKeys(opened.spec, state, opened.state);
  const removed = new Set(remove);
  const payload = toDocument(spec, state, idsFrom(seed), {
    extensions: true,
    missing: (key) => (removed.has(state.workflows[key]?.id ?? "") ? "delete" : "keep"),
  });
  return {
    format: opened.format,
    // Its settings are the project's own: another project's files may be brought.
    payload: { ...payload, ...settingsOf(document) },
    report: [...opened.report, ...keptSettings(document, spec)],
    missing: missingOf(state, spec),
  };
}

const settingsOf = ({ id, name, description, env }: ProjectDocument) => ({
  id,
  name,
  description: description ?? null,
  ...(env === undefined ? {} : { env }),
});

function keptSettings(document: ProjectDocument, spec: ProjectSpec): string[] {
  const env = document.env ?? "main";
  return [
    ...(spec.name === document.name
      ? []
      : [`The project stays ${document.name}: the files call it "${spec.name}".`]),
    ...(spec.description === null || spec.description === (document.description ?? null)
      ? []
      : ["The project keeps its description: the files have another one."]),
    ...(spec.env === null || spec.env === env
      ? []
      : [`The project stays in the environment "${env}": the files say "${spec.env}".`]),
  ];
}

const missingOf = (state: StateDocument, spec: ProjectSpec) =>
  Object.entries(state.workflows).flatMap(([key, { id, name }]) =>
    Object.hasOwn(spec.workflows, key) ? [] : [{ id, name }],
  );

/** UUIDs that are the same ones for the same seed, so that what is written is what was shown. */
function idsFrom(seed: string): () => string {
  let n = 0;
  return () => {
    const bytes = createHash("sha256").update(`${seed}/${n++}`).digest().subarray(0, 16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = bytes.toString("hex");
    return [8, 12, 16, 20].reduce((text, at, dashes) => {
      const place = at + dashes;
      return `${text.slice(0, place)}-${text.slice(place)}`;
    }, hex);
  };
}

/** What is about to be written, in few characters: another plan has another one. */
export function digestOf({ workflows, credentials, collections, library, warnings }: Plan): string {
  const entries = new Map([...library].map(([name, id]) => [id, name]));
  const written = workflows
    .filter(({ change }) => change !== "none")
    .map(({ id, change, before, graph }) => ({
      id,
      change,
      from: before?.lockVersion ?? null,
      graph: {
        ...graph,
        jobs: graph.jobs.map((job) => ({
          ...job,
          // A new entry has another id each time.
          libraryJobId: entries.get(job.libraryJobId ?? "") ?? job.libraryJobId,
        })),
      },
    }));
  const { links, newKeychains, changedKeychains } = credentials;
  const text = stringifyExact({ written, links, newKeychains, changedKeychains, collections, warnings });
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
