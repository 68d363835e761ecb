/**
 * What each kind of page may load until it is idle: kilobytes (1,024 bytes) of JavaScript as gzip makes of it. Close above
 * what it loads, so that whoever adds to a page sees it. e2e/weight.spec.ts holds the built pages to it; `npm run bench --
 * --only editor` prints both, and which modules they are is in the guard first-load.test.ts.
 */
export const budgets = {
  signIn: 175,
  inbox: 250,
  receipt: 290,
  run: 290,
  workflows: 220,
  workflow: 310,
  editor: 350,
  editorWithCode: 580,
} satisfies Record<string, number>;

export type PageKind = keyof typeof budgets;

/** How far what stands on a page may move while it loads: cumulative layout shift, as web.dev/cls counts it. */
export const largestShift = 0.05;
