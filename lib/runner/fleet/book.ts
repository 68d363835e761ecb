/** What is known of one life of a runner. */
export type KnownLife = {
  id: string;
  name: string;
  /** As in RUNNER_URL. */
  address: string;
  /** SHA-256 of the certificate that it said it has; null when it said nothing of one. */
  fingerprint: string | null;
  /** Steps that it runs at once. */
  capacity: number;
  isDraining: boolean;
};

/** How long ago somebody last heard it, by the clock of whoever keeps the book. */
export type ListedLife = KnownLife & { silentMs: number };

/** Where lives of runners are kept for all who execute, so that whoever takes a step over finds who has it. */
export type RunnerBook = {
  /** Every life that is not forgotten, newest first. */
  list(): Promise<ListedLife[]>;
  find(life: string): Promise<ListedLife | null>;
  /** It was heard just now. */
  note(life: KnownLife): Promise<void>;
  /** Drops lives that have been silent for long and that no unfinished step names. */
  forget(): Promise<void>;
};
