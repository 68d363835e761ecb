"use client";
import { ThemeProvider } from "next-themes";
import { type ReactNode, useState } from "react";
import { ConnectionNotice } from "./connection/connection-notice";
import { Fonts } from "./fonts";
import { NonceContext, provideNonce } from "./nonce";
import { Toaster } from "./ui/toast";

/** What every page has around it, that of signing in too: it is small. */
export function Surroundings({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  // The document's own: a refresh brings the next request's, which its policy does not know.
  const [ownNonce] = useState(() => provideNonce(nonce));
  return (
    <NonceContext value={ownNonce}>
      <Fonts nonce={ownNonce} />
      <ThemeProvider
        attribute="class"
        defaultTheme="system"
        enableSystem
        disableTransitionOnChange
        {...(ownNonce ? { nonce: ownNonce } : {})}
      >
        {children}
        <ConnectionNotice />
        <Toaster />
      </ThemeProvider>
    </NonceContext>
  );
}
