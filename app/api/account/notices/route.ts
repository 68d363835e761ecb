import {
  getNoticeSettings,
  noticeSettings,
  noticeSettingsChange,
  setNoticeSettings,
} from "@/lib/domain/notice/rules/settings";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  { summary: "Your time zone and quiet hours.", scope: "read", response: noticeSettings },
  ({ ctx }) => getNoticeSettings(ctx),
);

export const PATCH = userRoute(
  {
    summary: "Change your time zone and quiet hours. Digests to come go by the new zone.",
    scope: "write",
    body: noticeSettingsChange,
    response: noticeSettings,
  },
  ({ ctx, body }) => setNoticeSettings(ctx, body),
);
