"use client";
import { createContext, useContext } from "react";

declare global {
  /** Where get-nonce looks, which what locks the page's scrolling under a dialog takes its style element's nonce from. */
  var __webpack_nonce__: string | undefined;
}

/** The nonce of this document's policy. */
export const NonceContext = createContext<string | undefined>(undefined);

/** For whatever adds a style element by itself. */
export const useNonce = () => useContext(NonceContext);

/** Hands the nonce to the libraries that take no property for it; returns it. In the browser only. */
export function provideNonce(nonce: string | undefined): string | undefined {
  if (typeof window !== "undefined") globalThis.__webpack_nonce__ = nonce;
  return nonce;
}
