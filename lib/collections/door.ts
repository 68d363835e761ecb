import type { FoundCollection } from "@/lib/domain/collection/find";
import type { ItemAccess } from "@/lib/domain/collection/items";

/** A collection as a client names it. */
export type Named = { name: string; projectId?: string | undefined };

export type Opened = { access: ItemAccess; collection: FoundCollection };

/** Knows who asks. `open` finds what is named, for whoever may read or change it; throws a `Problem`. */
export type Door = { open(named: Named, need: "read" | "change"): Promise<Opened> };
