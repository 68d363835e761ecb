import { answerACaller } from "./answer-a-caller";
import { eachOfAList } from "./each-of-a-list";
import { formToRegistry } from "./form-to-registry";
import { nightlyExport } from "./nightly-export";
import { paymentToSms } from "./payment-to-sms";
import type { Template } from "./template";

/** What a new workflow can begin with, from the plainest on. */
export const templates: readonly Template[] = [
  formToRegistry,
  paymentToSms,
  nightlyExport,
  answerACaller,
  eachOfAList,
];
