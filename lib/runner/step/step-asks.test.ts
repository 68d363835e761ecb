import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Ask } from "@/lib/runner/contract";
import type { AnswerSink } from "@/lib/runner/egress/door";
import { StepAsks } from "./step-asks";

const ask = (id: string): Ask => ({ id, method: "GET", path: "/collections/c", headers: {}, body: "" });
const bytes = new Uint8Array([1]);
const head = { status: 200, headers: {} };

function sink() {
  const said: string[] = [];
  const one: AnswerSink = {
    head: (status) => said.push(`head ${status}`),
    write: async (part) => void said.push(`write ${part.length}`),
    end: () => said.push("end"),
    fail: () => said.push("fail"),
  };
  return { said, one };
}

const answer = (asks: StepAsks, askId: string, seq: number, isLast = false, more: object = { head }) =>
  asks.answer({ stepId: "s", askId, seq, isLast, ...(seq === 0 ? more : {}) }, bytes);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a question is told at once, and to a later follower as long as nobody has begun to answer", async () => {
  const told: string[] = [];
  const asks = new StepAsks(({ id }) => told.push(id));
  const { said, one } = sink();
  asks.ask(ask("a"), one);
  expect(told).toEqual(["a"]);
  expect(asks.unanswered).toEqual([ask("a")]);
  expect(await answer(asks, "a", 0)).toBe("taken");
  expect(asks.unanswered).toEqual([]);
  expect(await answer(asks, "a", 1, true)).toBe("taken");
  expect(said).toEqual(["head 200", "write 1", "write 1", "end"]);
  expect(await answer(asks, "a", 2)).toBe("gone");
});

test("of two that answer, the first does; parts come in order and begin with a head", async () => {
  const asks = new StepAsks(() => {});
  const { said, one } = sink();
  asks.ask(ask("a"), one);
  expect(await answer(asks, "a", 1)).toBe("not yours");
  expect(await answer(asks, "a", 0, false, {})).toBe("not yours");
  expect(await answer(asks, "a", 0)).toBe("taken");
  expect(await answer(asks, "a", 0)).toBe("not yours");
  expect(said).toEqual(["head 200", "write 1"]);
});

test("what nobody answers, or goes on with, ends; what is withdrawn is gone; the step's end ends all", async () => {
  const asks = new StepAsks(() => {});
  const [a, b, c, d] = [sink(), sink(), sink(), sink()];
  asks.ask(ask("a"), a.one);
  asks.ask(ask("b"), b.one);
  await answer(asks, "b", 0);
  asks.ask(ask("c"), c.one);
  asks.withdraw("c");
  await vi.advanceTimersByTimeAsync(120_000);
  expect([a.said, b.said, c.said]).toEqual([["fail"], ["head 200", "write 1", "fail"], []]);
  expect(await answer(asks, "c", 0)).toBe("gone");
  asks.ask(ask("d"), d.one);
  asks.close();
  expect(d.said).toEqual(["fail"]);
});

test("a job that has gone while it was answered is told to whoever answers", async () => {
  const asks = new StepAsks(() => {});
  const { one } = sink();
  asks.ask(ask("a"), { ...one, write: () => Promise.reject(new Error("gone")) });
  expect(await answer(asks, "a", 0)).toBe("gone");
  expect(await answer(asks, "a", 1)).toBe("gone");
});
