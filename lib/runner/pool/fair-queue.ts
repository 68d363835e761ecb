/** Who waits, in order within a project, with projects taking turns: one busy tenant cannot starve another. */
export class FairQueue<T> {
  readonly #queues = new Map<string, T[]>();

  get size(): number {
    let size = 0;
    for (const queue of this.#queues.values()) size += queue.length;
    return size;
  }

  push(projectId: string, item: T): void {
    const queue = this.#queues.get(projectId);
    if (queue) queue.push(item);
    else this.#queues.set(projectId, [item]);
  }

  remove(projectId: string, item: T): void {
    const queue = this.#queues.get(projectId)?.filter((waiting) => waiting !== item) ?? [];
    if (queue.length) this.#queues.set(projectId, queue);
    else this.#queues.delete(projectId);
  }

  /** Takes the first item of the next project, in turn, whose first item `accepts` admits; null when none is. */
  take(accepts: (item: T, projectId: string) => boolean): T | null {
    for (const [projectId, queue] of this.#queues) {
      const [first] = queue;
      if (first === undefined || !accepts(first, projectId)) continue;
      queue.shift();
      this.#queues.delete(projectId);
      if (queue.length) this.#queues.set(projectId, queue);
      return first;
    }
    return null;
  }
}
