import { clipsPlace } from "./clips";
import { collectionsPlace } from "./collections";
import { mailsPlace } from "./mails";
import { messagesPlace } from "./messages";
import type { Place } from "./place";
import { refusedPlace } from "./refused";
import { runsPlace } from "./runs";
import { projectPlace, tablePlace, textTables } from "./tables";
import { testsPlace } from "./tests";

/** Everything that is looked through, in this order: messages before what was made from them. */
export const places: readonly Place[] = [
  messagesPlace,
  runsPlace,
  clipsPlace,
  collectionsPlace,
  refusedPlace,
  testsPlace,
  ...textTables.map(tablePlace),
  mailsPlace,
  projectPlace,
];
