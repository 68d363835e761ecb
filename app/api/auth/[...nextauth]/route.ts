import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { authOptions } from "@/lib/auth/options";
import { provideAuthUrl } from "@/lib/env";

type Segment = { params: Promise<{ nextauth: string[] }> };

/** The library's own routes: sign-in, callbacks, sign-out. */
async function handle(request: NextRequest, segment: Segment): Promise<Response> {
  provideAuthUrl();
  return NextAuth(request, segment, authOptions(request.headers));
}

export { handle as GET, handle as POST };
