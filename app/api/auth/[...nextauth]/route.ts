import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { deviceCookie } from "@/lib/auth/device";
import { authOptions } from "@/lib/auth/options";
import { provideAuthUrl } from "@/lib/env";

type Segment = { params: Promise<{ nextauth: string[] }> };

/** The library's own routes: sign-in, callbacks, sign-out. */
async function handle(request: NextRequest, segment: Segment): Promise<Response> {
  provideAuthUrl();
  let account: string | undefined;
  const options = authOptions(request.headers, (email) => {
    account = email;
  });
  const response: Response = await NextAuth(request, segment, options);
  if (account) response.headers.append("set-cookie", deviceCookie(request.headers.get("cookie"), account));
  return response;
}

export { handle as GET, handle as POST };
