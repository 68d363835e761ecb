import { describe, expect, test } from "vitest";
import { FormTexts, Unsaved } from "./registry";

describe("a form's texts", () => {
  const [name, note] = [{}, {}];
  test("are unsaved while one is not what it was", () => {
    const texts = new FormTexts();
    texts.begin(name, "Ada");
    expect(texts.isUnsaved).toBe(false);
    texts.type(name, "Ada L");
    expect(texts.isUnsaved).toBe(true);
    texts.type(name, "Ada");
    expect(texts.isUnsaved).toBe(false);
    texts.type(note, "typed before anybody saw the focus");
    expect(texts.isUnsaved).toBe(true);
  });

  test("are saved as they were sent: what was typed meanwhile is not, and a failure saves nothing", () => {
    const texts = new FormTexts();
    texts.begin(name, "");
    texts.type(name, "one");
    texts.send();
    expect(texts.isUnsaved).toBe(true);
    texts.saved();
    expect(texts.isUnsaved).toBe(false);
    texts.type(name, "two");
    texts.send();
    texts.type(name, "three");
    texts.saved();
    expect(texts.isUnsaved).toBe(true);
    texts.type(name, "two");
    expect(texts.isUnsaved).toBe(false);
  });
});

describe("a place", () => {
  test("knows what is typed within, is told of it, and forgets what is gone or given up", () => {
    let touched = 0;
    const page = new Unsaved({ onTouch: () => (touched += 1) });
    const dialog = new Unsaved({ parent: page });
    page.include(() => dialog.isUnsaved);
    const form = dialog.include(() => true);
    dialog.touch();
    expect([page.isUnsaved, dialog.isUnsaved, touched]).toEqual([true, true, 1]);
    form();
    expect([page.isUnsaved, dialog.isUnsaved]).toEqual([false, false]);
    dialog.include(() => true);
    dialog.giveUp();
    expect(page.isUnsaved).toBe(false);
  });
});
