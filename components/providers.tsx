"use client";
import { onlineManager, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useEffect, useState } from "react";
import { ApiError } from "./api";
import { useConnection } from "./connection/use-connection";
import { ReauthenticateDialog } from "./reauthenticate/dialog";
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

/** Everything that pages expect around them which read or change something by the API. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(makeClient);
  const connection = useConnection();
  useEffect(() => onlineManager.setOnline(connection !== "offline"), [connection]);
  return (
    <QueryClientProvider client={client}>
      <NuqsAdapter>{children}</NuqsAdapter>
      <ReauthenticateDialog />
      <UnsavedGuard />
    </QueryClientProvider>
  );
}
