import { deleteDue } from "./delete-due";
import { executeRun } from "./execute-run";
import { stopRun } from "./stop-run";
import { tick } from "./tick";

export const functions = [deleteDue, executeRun, stopRun, tick];
