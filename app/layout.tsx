import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { Surroundings } from "@/components/surroundings";
import { nonceOf } from "@/lib/http/security-headers";
import "@fontsource-variable/geist";
import "@fontsource-variable/geist-mono";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Waybill", template: "%s · Waybill" },
  description: "An integration platform that can prove every record arrived.",
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f7f9fa" },
    { media: "(prefers-color-scheme: dark)", color: "#0f1217" },
  ],
};

/** Every page is rendered for its request: a page made beforehand could not carry a nonce. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = nonceOf(await headers());
  return (
    <html lang="en" suppressHydrationWarning>
      <body>
        <Surroundings nonce={nonce}>{children}</Surroundings>
      </body>
    </html>
  );
}
