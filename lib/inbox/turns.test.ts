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
const narrow = { keep: { total: 3, perTenant: 2, maxWaiting: 50 } };

it("one project's work leaves turns to the others", async () => {
  const turns = new InboxTurns(narrow);
  const [greedy, modest] = [randomUUID(), randomUUID()];
  turns.learn(greedy, "greedy");
  turns.learn(modest, "modest");
  const slow = held();
  const many = Array.from({ length: 50 }, () => turns.take("keep", greedy, patienceMs, slow.work));
  expect(await turns.take("keep", modest, patienceMs, async () => "kept")).toBe("kept");
  slow.end();
  await Promise.all(many);
});

it("all URLs of a project share its turns, and so do all that nobody knows yet", async () => {
  for (const isKnown of [true, false]) {
    const turns = new InboxTurns(narrow);
    const slow = held();
    let begun = 0;
    const many = Array.from({ length: 50 }, () => {
      const url = randomUUID();
      if (isKnown) turns.learn(url, "one");
      return turns.take("keep", url, patienceMs, () => {
        begun++;
        return slow.work();
      });
    });
    const other = randomUUID();
    turns.learn(other, "other");
    expect(await turns.take("keep", other, patienceMs, async () => "kept")).toBe("kept");
    expect(begun).toBe(2);
    slow.end();
    await Promise.all(many);
  }
});

it("says so when the turn does not come in time, or too many wait", async () => {
  const turns = new InboxTurns({ keep: { total: 1, perTenant: 1, maxWaiting: 1 } });
  const url = randomUUID();
  const slow = held();
  const first = turns.take("keep", url, patienceMs, slow.work);
  const second = turns.take("keep", url, 20, async () => "late");
  expect(await turns.take("keep", url, patienceMs, async () => "too many")).toBe("full");
  expect(await second).toBe("late");
  slow.end();
  await first;
  expect(await turns.take("keep", url, patienceMs, async () => "now")).toBe("now");
});

it("hands on what the work throws", async () => {
  const turns = new InboxTurns();
  const failing = turns.take("whole", randomUUID(), patienceMs, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
});
