import { useSyncExternalStore } from "react";

const never = () => () => {};

/** Whether this renders what the server renders, there or when the browser takes that over: nothing listens yet. */
export const useHydrates = (): boolean =>
  useSyncExternalStore(
    never,
    () => false,
    () => true,
  );
