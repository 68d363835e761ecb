/** Where a target leads that is no field of the draft. */
export const targetFields = {
  /** The panel of what is selected, as a whole. */
  panel: "panel",
  /** The item's line of the outline. */
  line: "line",
  /** The line that says which version was saved. */
  promoted: "promoted",
  /** The test that is shown. */
  testResult: "testResult",
  /** What opens the test URL, or the URL itself. */
  testUrl: "testUrl",
} as const;
