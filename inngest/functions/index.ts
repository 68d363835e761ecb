import { bulkAct } from "./bulk-act";
import { deleteDue } from "./delete-due";
import { executeRun } from "./execute-run";
import { releaseRuns } from "./release-runs";
import { stopRun } from "./stop-run";
import { tick } from "./tick";

export const functions = [bulkAct, deleteDue, executeRun, releaseRuns, stopRun, tick];
