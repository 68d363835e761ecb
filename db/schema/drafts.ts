import { index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, exactJsonb, timeOrderedId, updatedAt } from "@/db/columns";
import type { DraftGraph } from "@/lib/editor/graph";
import { projects } from "./projects";
import { users } from "./users";
import { workflows } from "./workflows";

/** What one person has changed of a workflow and not saved as a version yet. */
export const drafts = pgTable(
  "drafts",
  {
    id: timeOrderedId(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The version that it changes. */
    baseVersion: integer("base_version").notNull(),
    /** Right in its parts, and not always sound as a whole. */
    graph: exactJsonb("graph").$type<DraftGraph>().notNull(),
    /** +1 at every save of it. A save names the one that it has seen. */
    revision: integer("revision").notNull().default(1),
    /** What the version is to say of itself. */
    note: text("note"),
    /** Its test URL: nobody can guess it, and it is closed until the person opens it. */
    testId: uuid("test_id").notNull().defaultRandom(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("drafts_person").on(t.workflowId, t.userId), // a workflow's drafts, and one's own
    uniqueIndex("drafts_test").on(t.testId), // a request to its test URL
    index("drafts_user").on(t.userId), // a person's drafts; deleting them
    index("drafts_project").on(t.projectId, t.id), // deleting a project; looking for a person
  ],
);
