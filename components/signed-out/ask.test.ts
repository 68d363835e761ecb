import { afterEach, expect, test, vi } from "vitest";
import { api } from "@/components/api";
import { askToSignIn, setSignInAsker } from "./ask";

afterEach(() => {
  setSignInAsker(undefined);
  vi.unstubAllGlobals();
});

const params = { project: "p", id: "m" };
const rerun = () => api("POST /api/projects/[project]/messages/[id]/rerun", { params, body: {} });
const signedOut = () =>
  Response.json({ error: { code: "unauthenticated", message: "Sign in." } }, { status: 401 });

test("an act of an ended session waits for its person and is then sent once more, with all that was typed", async () => {
  const answers = [signedOut(), Response.json({ runIds: ["r"] })];
  const fetched = vi.fn(async (..._: unknown[]) => answers.shift());
  vi.stubGlobal("fetch", fetched);
  const ask = vi.fn(async () => true);
  setSignInAsker(ask);
  expect(await rerun()).toEqual({ runIds: ["r"] });
  expect(ask).toHaveBeenCalledTimes(1);
  expect(fetched.mock.calls[1]?.[0]).toBe(fetched.mock.calls[0]?.[0]);
  expect(fetched.mock.calls[1]?.[1]).toMatchObject({ method: "POST", body: "{}" });
});

test("several that are refused at once share one question; who declines is asked by their own acts alone", async () => {
  vi.stubGlobal("fetch", async () => signedOut());
  const ask = vi.fn(async () => false);
  setSignInAsker(ask);
  const both = await Promise.allSettled([rerun(), rerun()]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(await askToSignIn(false)).toBe(false);
  expect(ask).toHaveBeenCalledTimes(1);
  await askToSignIn(true);
  expect(ask).toHaveBeenCalledTimes(2);
});
