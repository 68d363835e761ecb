import { newCodes } from "@/lib/domain/second-factor/codes";
import { renewBackupCodes } from "@/lib/domain/second-factor/new-codes";
import { userRoute } from "@/lib/http/route";

export const POST = userRoute(
  {
    summary: "Make new backup codes; the ones before are good no more.",
    scope: "browser",
    sensitive: ["second_factor.renew_backup_codes"],
    response: newCodes,
    status: 201,
    errors: ["conflict"],
  },
  ({ ctx }) => renewBackupCodes(ctx),
);
