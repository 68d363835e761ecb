import { z } from "zod";
import { moment, storable } from "@/lib/domain/fields";
import { jobCode } from "@/lib/domain/workflow/schemas";
import { limits, orSay } from "@/lib/limits";

export const entryName = storable
  .trim()
  .min(1, "Give the entry a name.")
  .max(limits.itemName, orSay("itemName", "The entry"));
export const entryDescription = storable
  .trim()
  .max(limits.description, orSay("description", "The entry"))
  .transform((text) => text || null)
  .nullable();
export const versionNote = storable
  .trim()
  .max(500)
  .transform((text) => text || null)
  .nullable();
export const entryCode = jobCode.refine((body) => body.trim() !== "", "Code editor cannot be empty.");
export const entryAdaptor = storable.trim().min(1).max(200);
export const versionNumber = z.coerce.number().int().min(1).max(2_147_483_647);

/** A job of a workflow that was not deleted, and the version of the entry that it has. */
export const libraryUse = z.strictObject({
  workflowId: z.uuid(),
  workflowName: z.string(),
  jobId: z.uuid(),
  jobName: z.string(),
  version: z.int(),
});
export type LibraryUse = z.infer<typeof libraryUse>;

/** One version of an entry; its code is asked for apart. */
export const libraryVersion = z
  .strictObject({
    version: z.int(),
    adaptor: z.string().meta({ description: "As written, e.g. @openfn/language-http@latest." }),
    adaptorVersion: z.string().meta({ description: "The exact version that it was pinned to." }),
    size: z.int().meta({ description: "Bytes of code." }),
    note: z.string().nullable(),
    createdBy: z.string().nullable(),
    createdAt: moment,
  })
  .meta({ id: "LibraryVersion" });
export type LibraryVersion = z.infer<typeof libraryVersion>;

export const libraryRow = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string().nullable(),
    version: z.int().meta({ description: "The newest." }),
    adaptor: z.string(),
    adaptorVersion: z.string(),
    uses: z.int().meta({ description: "Jobs of workflows that are of it." }),
    behind: z.int().meta({ description: "How many of them have an older version." }),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: "LibraryRow" });
export type LibraryRow = z.infer<typeof libraryRow>;

export const libraryJob = z
  .strictObject({
    ...libraryRow.omit({ uses: true, behind: true }).shape,
    body: z.string().meta({ description: "The newest version's code." }),
    uses: z.array(libraryUse),
  })
  .meta({ id: "LibraryJob" });
export type LibraryJob = z.infer<typeof libraryJob>;

/** Workflows that have a new version because of a change of the library. */
export const changedWorkflows = z.array(
  z.strictObject({ id: z.uuid(), lockVersion: z.int(), snapshotId: z.uuid() }),
);
export type ChangedWorkflows = z.infer<typeof changedWorkflows>;
