/**
 * A map with a bound: once it holds more than `max` entries, or they weigh more than `maxWeight` together, it forgets
 * those that were used longest ago; never the newest. For what grows with the number of tenants and can be had again.
 */
export class LruMap<K, V> {
  readonly #max: number;
  /** In the order of last use. */
  readonly #entries = new Map<K, { value: V; weight: number }>();
  readonly #maxWeight: number;
  #weight = 0;
  /** What was used last, which asking for again changes nothing. */
  #newest: K | undefined;

  constructor(max: number, maxWeight = Number.POSITIVE_INFINITY) {
    this.#max = max;
    this.#maxWeight = maxWeight;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry's value, which counts as a use; undefined when there is none. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry && key !== this.#newest) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      this.#newest = key;
    }
    return entry?.value;
  }

  /** The entry's value, made and kept when there is none. What `make` throws is thrown, and nothing is kept. */
  getOrMake(key: K, make: () => V, weight = 0): V {
    const entry = this.#entries.get(key) ?? { value: make(), weight };
    this.set(key, entry.value, entry.weight);
    return entry.value;
  }

  set(key: K, value: V, weight = 0): void {
    this.delete(key);
    this.#entries.set(key, { value, weight });
    this.#newest = key;
    this.#weight += weight;
    if (this.#entries.size <= this.#max && this.#weight <= this.#maxWeight) return;
    for (const oldest of this.#entries.keys()) {
      const isOver = this.#entries.size > this.#max || this.#weight > this.#maxWeight;
      if (!isOver || this.#entries.size === 1) return;
      this.delete(oldest);
    }
  }

  /** All there are, those first that were used longest ago. It counts as no use. */
  values(): V[] {
    return Array.from(this.#entries.values(), ({ value }) => value);
  }

  /** Forgets the entry, and says whether there was one. */
  delete(key: K): boolean {
    this.#weight -= this.#entries.get(key)?.weight ?? 0;
    return this.#entries.delete(key);
  }
}
