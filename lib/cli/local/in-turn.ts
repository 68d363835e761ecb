/** Does work for every item, `most` at once, and gives what came of it in the order of the items. */
export async function* inTurn<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  const begin = () => {
    const item = items[begun.length];
    if (item === undefined) return;
    const promise = work(item);
    // Whoever waits for an earlier one hears of this one in its turn.
    promise.catch(() => {});
    begun.push(promise);
    void promise.finally(begin).catch(() => {});
  };
  for (let i = 0; i < Math.min(most, items.length); i++) begin();
  for (let i = 0; i < items.length; i++) {
    const promise = begun[i];
    if (promise) yield await promise;
  }
}
