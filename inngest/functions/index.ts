import { bulkAct } from "./bulk-act";
import { collectIssuesOfAll } from "./collect-issues";
import { countUsageEachMinute } from "./count-usage";
import { deleteDue } from "./delete-due";
import { executeRun } from "./execute-run";
import { keepPartitionsAhead } from "./keep-partitions";
import { movePayloads } from "./move-payloads";
import { personRequest } from "./person-request";
import { releaseRuns } from "./release-runs";
import { retain } from "./retain";
import { runTest } from "./run-test";
import { sendDueDigests } from "./send-digests";
import { sendMails, sendToChannels } from "./send-notices";
import { stopRun } from "./stop-run";
import { tellOfCredentialsNow } from "./tell-of-credentials";
import { tick } from "./tick";
import { watchOver } from "./watch";

export const functions = [
  bulkAct,
  collectIssuesOfAll,
  countUsageEachMinute,
  deleteDue,
  executeRun,
  keepPartitionsAhead,
  movePayloads,
  personRequest,
  releaseRuns,
  retain,
  runTest,
  sendDueDigests,
  sendMails,
  sendToChannels,
  stopRun,
  tellOfCredentialsNow,
  tick,
  watchOver,
];
