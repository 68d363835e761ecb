import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript, javascriptLanguage } from "@codemirror/lang-javascript";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState, type Extension, type Text } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { lookIn } from "@/components/code/look";
import type { Remark } from "@/lib/runner/compiler/check";
import { checkCode } from "./checker";
import { type Knowledge, operationSource, stateSource } from "./complete";
import { documentation } from "./documentation";
import { drawWord } from "./draw";
import { changeBetween, formatJob } from "./format";
import { jobLook } from "./look";
import { markedLine, markLine } from "./marked-line";

/** What may change while the code is open. */
export type Look = {
  tone: "light" | "dark";
  nonce: string | undefined;
  label: string;
  id: string | undefined;
  /** Of the elements that say how it is used and what is wrong. */
  describedBy: string;
  readOnly: boolean;
};

type Owner = {
  /** The code, after a pause in typing. */
  onChange(value: string): void;
  /** What is to be said of the code, in its order, whenever it has been looked through. */
  onRemarks(remarks: Remark[]): void;
  /** Why something that was asked for is not done. */
  onRefused(sentence: string): void;
};

type Given = { value: string; look: Look; adaptor: string; knowledge: Knowledge; owner: Owner };

/** A pause in typing, after which the owner is told. */
const pauseMs = 300;
/** A pause in typing, after which the code is compiled. */
const checkMs = 400;

const fromOwner = Annotation.define<boolean>();

/** What every job has besides its own adaptor. */
const also = { adaptor: "@openfn/language-collections", exports: ["collections"] };

/** CodeMirror for one job's code. Its owner is told of changes after a pause, never at a key. */
export class JobView {
  readonly view: EditorView;
  readonly #owner: Owner;
  readonly #looks = new Compartment();
  readonly #lineBreak: "\n" | "\r\n";
  #knowledge: Knowledge;
  #adaptor: string;
  /** What the owner gave, or was told last. */
  #told: string;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #toCheck: ReturnType<typeof setTimeout> | undefined;
  #checks = 0;
  #written: { doc: Text; text: string } | null = null;

  constructor(parent: Element, { value, look, adaptor, knowledge, owner }: Given) {
    this.#owner = owner;
    this.#knowledge = knowledge;
    this.#adaptor = adaptor;
    this.#told = value;
    // A text with Windows' line breaks keeps them: CodeMirror knows one kind at a time.
    this.#lineBreak = /\r\n/.test(value) && !/(?:^|[^\r])\n/.test(value) ? "\r\n" : "\n";
    const extensions = [this.#looks.of(looks(look)), this.#behaviour()];
    this.view = new EditorView({ state: EditorState.create({ doc: value, extensions }), parent });
    this.#checkSoon();
  }

  #behaviour(): Extension {
    const know = () => this.#knowledge;
    return [
      lineNumbers(),
      lintGutter(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      dropCursor(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      highlightSelectionMatches(),
      search({ top: true }),
      markedLine,
      javascript(),
      javascriptLanguage.data.of({ autocomplete: operationSource(know, drawWord) }),
      javascriptLanguage.data.of({ autocomplete: stateSource(know) }),
      autocompletion({ icons: false, maxRenderedOptions: 60 }),
      documentation(() => this.#knowledge.vocabulary),
      EditorView.updateListener.of(({ docChanged, transactions }) => {
        if (docChanged) this.#changed(transactions.some((one) => one.annotation(fromOwner)));
      }),
      EditorView.domEventHandlers({ blur: () => this.flush() }),
      keymap.of([
        { key: "Shift-Alt-f", run: () => this.#asked(this.format()) },
        ...closeBracketsKeymap,
        ...defaultKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...completionKeymap,
        ...lintKeymap,
        { key: "Tab", run: acceptCompletion },
        indentWithTab,
      ]),
    ];
  }

  #asked(work: Promise<void>): boolean {
    void work;
    return true;
  }

  #changed(isOwners: boolean): void {
    if (!isOwners) {
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => this.flush(), pauseMs);
    }
    this.#checkSoon();
  }

  /** All of it as one text: made once for whoever asks after a pause, never at a key. */
  get #text(): string {
    const { doc } = this.view.state;
    if (this.#written?.doc !== doc) this.#written = { doc, text: doc.toString() };
    return this.#written.text;
  }

  get #code(): string {
    return this.#lineBreak === "\n" ? this.#text : this.#text.replaceAll("\n", this.#lineBreak);
  }

  /** Tells the owner at once what was typed last. */
  flush(): void {
    if (this.#pause === undefined) return;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    const code = this.#code;
    if (code === this.#told) return;
    this.#told = code;
    this.#owner.onChange(code);
  }

  /** Code from elsewhere: an undone change, somebody else's. What the owner was told itself changes nothing. */
  setValue(value: string): void {
    if (value === this.#told) return;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#told = value;
    const changes = changeBetween(this.#text, value.replaceAll("\r\n", "\n"));
    this.view.dispatch({ changes, annotations: fromOwner.of(true) });
  }

  setLook(look: Look): void {
    this.view.dispatch({ effects: this.#looks.reconfigure(looks(look)) });
  }

  /** The adaptor by its name, what is known of it, and the state that is at hand. */
  setKnowledge(adaptor: string, knowledge: Knowledge): void {
    const isOther = adaptor !== this.#adaptor || knowledge.vocabulary !== this.#knowledge.vocabulary;
    this.#adaptor = adaptor;
    this.#knowledge = knowledge;
    if (!isOther) return;
    this.#checkSoon();
    // What is offered right now was put together without it.
    if (completionStatus(this.view.state) !== null) startCompletion(this.view);
  }

  /** Scrolls to a line and marks it; null takes the mark away. */
  showLine(line: number | null): void {
    const { doc } = this.view.state;
    const isThere = line !== null && line >= 1;
    const from = isThere ? doc.line(Math.min(line, doc.lines)).from : null;
    this.view.dispatch({
      effects: [
        markLine.of(line),
        ...(from === null ? [] : [EditorView.scrollIntoView(from, { y: "center" })]),
      ],
      ...(from === null ? {} : { selection: { anchor: from } }),
    });
  }

  /** Goes to a place of the code, to write there. */
  goTo(offset: number): void {
    const anchor = Math.min(offset, this.view.state.doc.length);
    this.view.dispatch({
      selection: { anchor },
      effects: EditorView.scrollIntoView(anchor, { y: "center" }),
    });
    this.view.focus();
  }

  find(): void {
    openSearchPanel(this.view);
  }

  /** Formats the code; what does not parse stays, and the owner is told where. */
  async format(): Promise<void> {
    const before = this.view.state.doc;
    const { anchor, head } = this.view.state.selection.main;
    const done = await formatJob(before.toString(), anchor, head);
    if ("problem" in done) {
      const { problem, line, column } = done;
      this.#owner.onRefused(`Not formatted. Line ${line}, column ${column}: ${problem}.`);
      return;
    }
    // Somebody went on typing: what they see now was not what was formatted.
    if (this.view.state.doc !== before) return;
    this.view.dispatch({
      changes: changeBetween(before.toString(), done.code),
      selection: { anchor: done.anchor, head: done.head },
      scrollIntoView: true,
      userEvent: "format",
    });
  }

  #checkSoon(): void {
    clearTimeout(this.#toCheck);
    this.#toCheck = setTimeout(() => void this.#check(), checkMs);
  }

  async #check(): Promise<void> {
    const checked = ++this.#checks;
    const { doc } = this.view.state;
    const exports = this.#knowledge.vocabulary.adaptor?.exports ?? null;
    const remarks = await checkCode(this.#text, { adaptor: this.#adaptor, exports, also });
    // Older than the code: the next check has begun or will.
    if (checked !== this.#checks || doc !== this.view.state.doc || remarks === null) return;
    this.view.dispatch(setDiagnostics(this.view.state, remarks.map(toDiagnostic)));
    this.#owner.onRemarks(remarks);
  }

  destroy(): void {
    this.flush();
    clearTimeout(this.#toCheck);
    this.#checks += 1;
    this.view.destroy();
  }
}

const toDiagnostic = ({ from, to, severity, message, hint }: Remark): Diagnostic => ({
  from,
  to,
  severity,
  message: hint ? `${message}. ${hint}` : message,
});

function looks({ tone, nonce, label, id, describedBy, readOnly }: Look): Extension {
  return [
    nonce ? EditorView.cspNonce.of(nonce) : [],
    lookIn(tone),
    jobLook,
    EditorState.readOnly.of(readOnly),
    EditorView.contentAttributes.of({
      "aria-label": label,
      "aria-describedby": describedBy,
      tabindex: "0",
      ...(id ? { id } : {}),
    }),
  ];
}
