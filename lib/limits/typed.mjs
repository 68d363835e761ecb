// @ts-check

/** Of limits.mjs, what fields of pages go by while somebody types: these numbers, without the words for the rest. */
export const typed = {
  itemName: 200,
  condition: 10_000,
  searchText: 200,
};
