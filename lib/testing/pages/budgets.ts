/**
 * What each kind of page may load until it is idle: kilobytes (1,024 bytes) of JavaScript as gzip makes of it. Close above
 * what it loads, so that whoever adds to a page sees it. e2e/weight.spec.ts holds the built pages to it; `npm run bench --
 * --only editor` prints both; the guard first-load.test.ts names what must not come before it is needed.
 */
export const budgets = {
  signIn: 168,
  inbox: 222,
  receipt: 298,
  run: 258,
  workflows: 204,
  workflow: 324,
  editor: 348,
  editorWithCode: 602,
} satisfies Record<string, number>;

export type PageKind = keyof typeof budgets;

/** How far what stands on a page may move while it loads: cumulative layout shift, as web.dev/cls counts it. */
export const largestShift = 0.05;
