/**
 * A map with a bound: once it holds more than `max` entries, it forgets the one that was used longest ago. For what
 * grows with the number of tenants and can be had again.
 */
export class LruMap<K, V> {
  readonly #max: number;
  /** In the order of last use. */
  readonly #entries = new Map<K, { value: V }>();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry's value, which counts as a use; undefined when there is none. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry) this.set(key, entry.value);
    return entry?.value;
  }

  /** The entry's value, made and kept when there is none. What `make` throws is thrown, and nothing is kept. */
  getOrMake(key: K, make: () => V): V {
    const { value } = this.#entries.get(key) ?? { value: make() };
    this.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value });
    if (this.#entries.size <= this.#max) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  /** Forgets the entry, and says whether there was one. */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }
}
