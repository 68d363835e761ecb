"use client";
import { useEffect } from "react";

const key = "waybill:fonts";
const begin = `try{if(localStorage.getItem("${key}"))document.documentElement.classList.add("geist")}catch{}`;

/**
 * Sets all text in Geist: at once where this browser has it, else when the page can be used. Fonts come before scripts
 * otherwise, and whoever signs in over a slow network waits a second longer.
 */
export function Fonts({ nonce }: { nonce: string | undefined }) {
  useEffect(() => {
    document.documentElement.classList.add("geist");
    try {
      localStorage.setItem(key, "1");
    } catch {
      // A browser that keeps nothing shows it a moment later each time.
    }
  }, []);
  return (
    <script
      suppressHydrationWarning
      nonce={typeof window === "undefined" ? nonce : ""}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: a text of ours, before anything is drawn
      dangerouslySetInnerHTML={{ __html: begin }}
    />
  );
}
