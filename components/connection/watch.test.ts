import { beforeEach, describe, expect, test } from "vitest";
import { ConnectionWatch, tickMs } from "./watch";

let now = 0;
let isNetworkUp = true;
let asked: { resolve: () => void; reject: (error: Error) => void; signal: AbortSignal }[] = [];

const watchIt = () =>
  new ConnectionWatch({
    now: () => now,
    isNetworkUp: () => isNetworkUp,
    ask: (signal) =>
      new Promise<void>((resolve, reject) => {
        asked.push({ resolve, reject, signal });
        signal.addEventListener("abort", () => reject(new Error("no answer in time")));
      }),
  });

/** Time passes as a page that is looked at sees it. */
const pass = (watch: ConnectionWatch, ms: number) => {
  for (let passed = 0; passed < ms; passed += tickMs) {
    now += tickMs;
    watch.tick();
  }
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  now = 0;
  isNetworkUp = true;
  asked = [];
});

describe("a connection", () => {
  test("that is heard is asked nothing", () => {
    const watch = watchIt();
    for (let beat = 0; beat < 60; beat += 1) {
      pass(watch, 1_000);
      watch.heard();
    }
    expect(asked).toHaveLength(0);
    expect(watch.state).toBe("ok");
  });

  test("that is quiet is asked once, and an answer is enough", async () => {
    const watch = watchIt();
    pass(watch, 2_500);
    expect(asked).toHaveLength(1);
    asked[0]?.resolve();
    await settled();
    expect(watch.state).toBe("ok");
  });

  test("that cannot be reached is offline, and what is under way is given up", async () => {
    const watch = watchIt();
    const { lost } = watch;
    pass(watch, 2_000);
    asked[0]?.reject(new Error("refused"));
    await settled();
    expect(watch.state).toBe("offline");
    expect(lost.aborted).toBe(true);
    expect(watch.lost.aborted).toBe(false);
  });

  test("that does not answer in time is silent; a change waits for it a while and is then given up", async () => {
    const watch = watchIt();
    const { lost } = watch;
    pass(watch, 2_000);
    await expect.poll(() => watch.state).toBe("silent");
    expect(lost.aborted).toBe(false);
    pass(watch, 10_000);
    expect(lost.aborted).toBe(true);
  });

  test("is offline at once when the browser says so, and is asked when it says otherwise", async () => {
    const watch = watchIt();
    const states: string[] = [];
    watch.subscribe(() => states.push(watch.state));
    isNetworkUp = false;
    await watch.suspect();
    expect(watch.state).toBe("offline");
    isNetworkUp = true;
    const asking = watch.suspect();
    expect(watch.state).toBe("offline");
    asked[0]?.resolve();
    await asking;
    expect(states).toEqual(["offline", "ok"]);
  });
});
