"use client";
import { useSyncExternalStore } from "react";
import { connection } from "./connection";
import type { Connection } from "./watch";

const subscribe = (listener: () => void) => connection.subscribe(listener);

/** How the connection to the server is. */
export const useConnection = (): Connection =>
  useSyncExternalStore<Connection>(
    subscribe,
    () => connection.state,
    () => "ok",
  );
