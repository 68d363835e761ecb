import { afterEach, beforeEach, vi } from "vitest";

/**
 * Stops `Date` during each test of a file; timers go on. Attempts are counted by quarters of an hour and codes of an app by
 * half minutes, and one of those may end between two lines of a test.
 */
export function stopClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}
