import { credentialExpiryNotice } from "@/lib/domain/credential/notice";
import { credentialTransferNotice } from "@/lib/domain/credential-transfer/notice";
import { issueContent } from "@/lib/domain/issue/notice";
import type { NoticeKind } from "@/lib/words";
import type { ContentMaker } from "./contents";
import { digestContent } from "./digest/content";
import { operatorContent } from "./operator/content";
import { channelContent } from "./own/channel";
import { planContent } from "./own/plan";
import { testContent } from "./own/test";

/** Who makes each kind's text. A kind without one waits: an engine of another release may know it. */
export const makers: Partial<Record<NoticeKind, ContentMaker>> = {
  credential_expiry: credentialExpiryNotice,
  credential_transfer: credentialTransferNotice,
  digest: digestContent,
  issue: issueContent,
  channel: channelContent,
  operator: operatorContent,
  plan: planContent,
  test: testContent,
};
