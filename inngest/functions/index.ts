import { bulkAct } from "./bulk-act";
import { countUsageEachMinute } from "./count-usage";
import { deleteDue } from "./delete-due";
import { executeRun } from "./execute-run";
import { releaseRuns } from "./release-runs";
import { stopRun } from "./stop-run";
import { tick } from "./tick";

export const functions = [bulkAct, countUsageEachMinute, deleteDue, executeRun, releaseRuns, stopRun, tick];
