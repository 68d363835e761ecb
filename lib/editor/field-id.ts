/** The DOM id of a field of the editor, by which what is wrong leads to it. `itemId`: null of the workflow; `field` is as in `GraphProblem`. */
export const fieldId = (itemId: string | null, field: string): string =>
  `field-${itemId ?? "workflow"}-${field}`;
