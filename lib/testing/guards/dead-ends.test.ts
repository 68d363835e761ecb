import { expect, test } from "vitest";
import { sources } from "./sources";

const files = sources(["app", "components"], /\.tsx$/).filter(
  ({ file }) => file !== "components/ui/empty-state.tsx",
);

/** The opening tags of a component, braces in them and all. */
function tagsOf(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`<${name}\\b`, "g"))].map(({ index }) => {
    let depth = 0;
    for (let at = index; at < text.length; at += 1) {
      if (text[at] === "{") depth += 1;
      else if (text[at] === "}") depth -= 1;
      else if (text[at] === ">" && depth === 0 && text[at - 1] !== "=") return text.slice(index, at + 1);
    }
    return text.slice(index);
  });
}

/** Where nothing is to be done: file → what each says. */
const nothingToDo: Record<string, string[]> = {
  "app/(app)/p/[project]/inbox/refused/page.tsx": ["it fills by itself, with what goes wrong"],
  "app/(app)/p/[project]/issues/page.tsx": ["it fills by itself, with what goes wrong"],
  "app/mail/[key]/page.tsx": ["it fills by itself, with what is mailed"],
};

test("an empty place leads to what fills it, or is listed here with why nothing does", () => {
  const dead: Record<string, number> = {};
  for (const { file, text } of files) {
    const without = tagsOf(text, "EmptyState").filter((tag) => !/\saction=/.test(tag));
    if (without.length > 0) dead[file] = without.length;
  }
  const listed = Object.entries(nothingToDo).map(([file, all]) => [file, all.length]);
  expect(dead).toEqual(Object.fromEntries(listed));
});

/** What a page tells its reader to do, at the beginning of a sentence of its own. */
const imperative =
  /(?:^|[.!?:;>"`]\s*)((?:Add|Ask|Change|Choose|Connect|Create|Enter|Invite|Make|Open|Restore|Send|Set|Share|Switch|Take|Upgrade) (?:a|an|another|one|it|them|the|some|what|for)\b[^.<{"`]*)/gm;

/** Sentences whose act is not beside them: file → the sentence's beginning → where it is done. */
const elsewhere: Record<string, Record<string, string>> = {
  "app/(app)/connect/page.tsx": { "Connect a credential": "the page's own name; its form is in client.tsx" },
  "app/(auth)/sign-in/second-step/page.tsx": { "Enter the six digits": "the form is in client.tsx" },
  "app/docs/git/page.tsx": { "Make a token": "documentation: it knows no project" },
  "components/editor/saving/autosave.tsx": {
    Take: "what buttons of a question say, which saving-words.tsx shows",
  },
  "components/runs/connections.tsx": { "Open for": "how long a connection was open" },
};

test("what tells the reader to do something is in a file that has what does it, or is listed here", () => {
  const found: string[] = [];
  for (const { file, text } of files) {
    if (
      /<(?:Link|Button|button|a|Form|SettingForm|Input|Select|RadioGroup|[A-Z]\w*(?:Dialog|Button|Menu|Editor|Confirm)|Confirm)\b/.test(
        text,
      )
    )
      continue;
    for (const [, sentence = ""] of text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "").matchAll(imperative))
      if (!Object.keys(elsewhere[file] ?? {}).some((known) => sentence.startsWith(known)))
        found.push(`${file}: ${sentence.trim().slice(0, 60)}`);
  }
  expect(found).toEqual([]);
});
