import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { settingsSections } from "@/app/(app)/p/[project]/settings/settings-nav";
import { accountSections } from "./account-nav";

/** Ids of what stands in the files of a page's folder. */
const idsIn = (folder: string): string[] =>
  fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".tsx"))
    .flatMap((file) => [
      ...fs.readFileSync(path.join(folder, file), "utf8").matchAll(/<(?:Section|div)\s+id="([\w-]+)"/g),
    ])
    .flatMap(([, id]) => id ?? []);

const pages = [
  { folder: "app/(app)/p/[project]/settings", sections: settingsSections },
  { folder: "app/(app)/account", sections: accountSections },
];

test.each(pages)("every jump of $folder leads to a section", ({ folder, sections }) => {
  const ids = idsIn(folder);
  for (const [id] of sections) expect(ids).toContain(id);
});

/** They stand within *Notices*. */
const within = ["hear", "hearers", "channels"];

test.each(pages)("every section of $folder can be jumped to", ({ folder, sections }) => {
  const jumps = new Set(sections.map(([id]) => id));
  expect(idsIn(folder).filter((id) => !jumps.has(id) && !within.includes(id))).toEqual([]);
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith("-section.tsx"))) {
    const text = fs.readFileSync(path.join(folder, file), "utf8");
    if (!within.some((one) => file.startsWith(one))) expect(text, file).toMatch(/<Section\s+id="/);
  }
});
