import { expect, test } from "vitest";
import { changeBetween, formatJob } from "./format";

const code = 'get( "/a",{query:{a:1}} )\nfn(state=>{\nreturn {...state,b:$.data.x}})\n';

test("formats a job, lazy state and all", async () => {
  expect(await formatJob(code, 0, 0)).toMatchObject({
    code: 'get("/a", { query: { a: 1 } });\nfn(state => {\n  return { ...state, b: $.data.x };\n});\n',
  });
});

test("keeps the cursor and the selection at the same words", async () => {
  const [from, to] = [code.indexOf("state=>"), code.indexOf(",b:")];
  const done = await formatJob(code, from, to);
  if ("problem" in done) throw new Error(done.problem);
  expect(done.code.slice(done.anchor, done.head).replace(/\s+/g, "")).toBe("state=>{return{...state");
});

test("keeps the quotes that most texts have", async () => {
  expect(await formatJob("a('x', 'y', \"z\")", 0, 0)).toMatchObject({ code: "a('x', 'y', 'z');\n" });
});

test("says where code does not parse, and changes nothing", async () => {
  const done = await formatJob("fn(state => {\n  retrun state;\n});", 0, 0);
  expect(done).toMatchObject({ line: 2, column: 10 });
  expect("problem" in done && done.problem).toMatch(/^Unexpected token/);
});

test("only what differs is replaced", () => {
  expect(changeBetween("abcd", "abXcd")).toEqual({ from: 2, to: 2, insert: "X" });
  expect(changeBetween("aaa", "aa")).toEqual({ from: 2, to: 3, insert: "" });
  expect(changeBetween("same", "same")).toEqual({ from: 4, to: 4, insert: "" });
});
