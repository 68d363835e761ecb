/** Says whether something that was typed would be lost now. */
type Check = () => boolean;

/** What is typed in a place: a form, a dialog with its forms, the page with all of them. */
export class Unsaved {
  readonly #checks = new Set<Check>();
  readonly #parent: Unsaved | undefined;
  readonly #onTouch: (() => void) | undefined;

  constructor(around: { parent?: Unsaved; onTouch?: () => void } = {}) {
    this.#parent = around.parent;
    this.#onTouch = around.onTouch;
  }

  /** Includes a place in this one until the returned function is called. */
  include(check: Check): () => void {
    this.#checks.add(check);
    return () => void this.#checks.delete(check);
  }

  /** Whether something would be lost by leaving. */
  get isUnsaved(): boolean {
    return [...this.#checks].some((check) => check());
  }

  /** Something was typed. */
  touch(): void {
    this.#onTouch?.();
    this.#parent?.touch();
  }

  /** The reader has said that it may be lost: it is asked about no more. */
  giveUp(): void {
    this.#checks.clear();
  }
}

type Text = { saved: string; sent: string; now: string };

/** The texts of a form's fields against what is saved of them. Keys are the fields' elements. */
export class FormTexts {
  readonly #texts = new Map<object, Text>();

  /** The reader comes to a field. */
  begin(field: object, value: string): void {
    if (!this.#texts.has(field)) this.#texts.set(field, { saved: value, sent: value, now: value });
  }

  type(field: object, value: string): void {
    this.begin(field, "");
    const text = this.#texts.get(field);
    if (text) text.now = value;
  }

  /** What is typed now is on its way to be saved. */
  send(): void {
    for (const text of this.#texts.values()) text.sent = text.now;
  }

  /** What was sent is saved; what was typed since is not. */
  saved(): void {
    for (const text of this.#texts.values()) text.saved = text.sent;
  }

  get isUnsaved(): boolean {
    return [...this.#texts.values()].some((text) => text.now !== text.saved);
  }
}
