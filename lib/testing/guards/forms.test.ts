import { expect, it } from "vitest";
import { sources } from "./sources";

it("a form is submitted by our button alone, which waits until the page listens (components/ui/submit.tsx)", () => {
  const own = sources(["app", "components"])
    .filter(
      ({ file, text }) => file !== "components/ui/submit.tsx" && /<button\b[^>]*type="submit"/.test(text),
    )
    .map(({ file }) => file);
  expect(own).toEqual([]);
});
