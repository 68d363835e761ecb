import fs from "node:fs";
import { expect, it } from "vitest";
import { mermaidOf } from "./mermaid";
import { runMachine, stepMachine } from "./states";

const begin = "<!-- states: npx vitest run -c lib/testing/vitest.config.ts --project unit mermaid -u -->";
const end = "<!-- end of states -->";

it("the README shows a run's states as the table has them", async () => {
  const readme = fs.readFileSync("README.md", "utf8");
  const [before, rest = ""] = readme.split(`${begin}\n`);
  const [, after] = rest.split(end);
  const drawn = `\`\`\`mermaid\n${mermaidOf(runMachine)}\n\`\`\`\n`;
  await expect(`${before}${begin}\n${drawn}${end}${after}`).toMatchFileSnapshot("../../README.md");
});

it("begins, ends and rows that are taken away have their sign", () => {
  const lines = mermaidOf(stepMachine).split("\n");
  expect(lines).toContain("  [*] --> running: row is written");
  expect(lines).toContain("  running --> [*]: runner was not there");
  expect(lines).toContain("  lost --> [*]");
});
