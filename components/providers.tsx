"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useState } from "react";
import { ApiError } from "./api";
import { ConnectionNotice } from "./connection/connection-notice";
import { NonceContext, provideNonce } from "./nonce";
import { ReauthenticateDialog } from "./reauthenticate/dialog";
import { Toaster } from "./ui/toast";
import { UnsavedGuard } from "./unsaved/unsaved-guard";

const makeClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        refetchOnWindowFocus: true,
        retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
      },
      // Without it a change that is made offline would wait, and be sent by itself when nobody expects it any more.
      mutations: { networkMode: "always", retry: false },
    },
  });

/** Everything that pages expect around them. */
export function Providers({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  const [client] = useState(makeClient);
  // The document's own: a refresh brings the next request's, which its policy does not know.
  const [ownNonce] = useState(() => provideNonce(nonce));
  return (
    <NonceContext value={ownNonce}>
      <ThemeProvider
        attribute="class"
        defaultTheme="system"
        enableSystem
        disableTransitionOnChange
        {...(ownNonce ? { nonce: ownNonce } : {})}
      >
        <QueryClientProvider client={client}>
          <NuqsAdapter>{children}</NuqsAdapter>
          <ReauthenticateDialog />
          <ConnectionNotice />
          <UnsavedGuard />
        </QueryClientProvider>
        <Toaster />
      </ThemeProvider>
    </NonceContext>
  );
}
