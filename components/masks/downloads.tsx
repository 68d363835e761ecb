"use client";
import { createContext, type ReactNode, useContext } from "react";

const Downloads = createContext(true);

/** Says to everything below whether the project lets whoever looks download. */
export function DownloadsAllowed({ may, children }: { may: boolean; children: ReactNode }) {
  return <Downloads value={may}>{children}</Downloads>;
}

/** Whether to offer downloads, and to copy a whole payload or log. The server refuses files in any case. */
export const useMayDownload = (): boolean => useContext(Downloads);
