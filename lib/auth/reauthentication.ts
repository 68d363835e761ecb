import { z } from "zod";
import { proofsOf } from "@/lib/domain/session/reauthenticate";
import { isRecent } from "@/lib/http/recent";
import type { Caller } from "./context";
import { signInMethods } from "./methods";

export const reauthenticationWays = z.strictObject({
  userId: z.uuid(),
  isRecent: z.boolean(),
  password: z.boolean(),
  code: z.boolean(),
  email: z
    .string()
    .nullable()
    .meta({ description: "A link that is mailed there does it, where nothing else can." }),
  providers: z.array(z.strictObject({ id: z.string(), name: z.string() })),
});
export type ReauthenticationWays = z.infer<typeof reauthenticationWays>;

/** How the caller can show to be there. Signing in anew, by link or provider, is for those who have nothing to type. */
export async function waysToReauthenticate(ctx: Caller): Promise<ReauthenticationWays> {
  const { password, code, email, providers } = await proofsOf(ctx);
  const methods = signInMethods();
  const canType = password || code;
  return {
    userId: ctx.actor.userId,
    isRecent: ctx.authenticatedAt !== undefined && isRecent(ctx.authenticatedAt),
    password,
    code,
    email: !canType && methods.link ? email : null,
    providers: canType ? [] : methods.providers.filter(({ id }) => providers.includes(id)),
  };
}
