import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { InboxTurns } from "./turns";

/** Work that lasts until it is told to end. */
function held() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, work: () => ended };
}

const patienceMs = 60_000;

it("one project's statements leave connections to the others", async () => {
  const turns = new InboxTurns(10);
  const [greedy, modest] = [randomUUID(), randomUUID()];
  turns.learn(greedy, "greedy");
  turns.learn(modest, "modest");
  const slow = held();
  const many = Array.from({ length: 50 }, () => turns.take("store", greedy, patienceMs, slow.work));
  expect(await turns.take("store", modest, patienceMs, async () => "stored")).toBe("stored");
  slow.end();
  await Promise.all(many);
});

it("all URLs of a project share its turns, and so do all that nobody knows yet", async () => {
  for (const isKnown of [true, false]) {
    const turns = new InboxTurns(10);
    const slow = held();
    let begun = 0;
    const many = Array.from({ length: 50 }, () => {
      const url = randomUUID();
      if (isKnown) turns.learn(url, "one");
      return turns.take("store", url, patienceMs, () => {
        begun++;
        return slow.work();
      });
    });
    const other = randomUUID();
    turns.learn(other, "other");
    expect(await turns.take("store", other, patienceMs, async () => "stored")).toBe("stored");
    expect(begun).toBeLessThan(9);
    slow.end();
    await Promise.all(many);
  }
});

it("says so when the turn does not come in time, or too many wait", async () => {
  const turns = new InboxTurns(2, { store: { total: 1, perTenant: 1, maxWaiting: 1 } });
  const url = randomUUID();
  const slow = held();
  const first = turns.take("store", url, patienceMs, slow.work);
  const second = turns.take("store", url, 20, async () => "late");
  expect(await turns.take("store", url, patienceMs, async () => "too many")).toBe("full");
  expect(await second).toBe("late");
  slow.end();
  await first;
  expect(await turns.take("store", url, patienceMs, async () => "now")).toBe("now");
});

it("hands on what the work throws", async () => {
  const turns = new InboxTurns(4);
  const failing = turns.take("whole", randomUUID(), patienceMs, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
});
