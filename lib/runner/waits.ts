/** How long a client of the runner waits, in milliseconds. Every wait has its end here. */
export type Waits = {
  /** Until a connection stands. */
  connectMs: number;
  /** For any byte to move while a request is sent, and for the head of the answer once it was. */
  headMs: number;
  /** Between two lines of a step's events; the runner sends a beat every two seconds. */
  lineMs: number;
  /** How long a step that runs may be out of reach before nobody can say what became of it. */
  followMs: number;
  /** How long a runner that is not named by its life may be away: one that is restarted is back sooner. */
  absenceMs: number;
  /** Between two attempts. */
  pauseMs: number;
};

export const defaultWaits: Waits = {
  connectMs: 5_000,
  headMs: 10_000,
  lineMs: 15_000,
  followMs: 15_000,
  absenceMs: 5_000,
  pauseMs: 250,
};

/** The most that a whole answer may take and be, by what is asked. */
export type AnswerBounds = { totalMs: number; maxBytes: number };

const mb = 1024 * 1024;

export const answerBounds = {
  health: { totalMs: 5_000, maxBytes: mb },
  /** To cancel, to forget. */
  word: { totalMs: 10_000, maxBytes: mb },
  /** A part of an answer, which a job takes at its leisure. */
  part: { totalMs: 120_000, maxBytes: mb },
  /** Conditions take five seconds at most, in a worker that has to become free first. */
  conditions: { totalMs: 120_000, maxBytes: 16 * mb },
  /** To install and build one. */
  adaptor: { totalMs: 300_000, maxBytes: 16 * mb },
  adaptors: { totalMs: 30_000, maxBytes: 256 * mb },
  /** The registry is asked by npm, which has twenty seconds. */
  versions: { totalMs: 40_000, maxBytes: 4 * mb },
  artefact: { totalMs: 300_000, maxBytes: 80 * mb },
} as const satisfies Record<string, AnswerBounds>;
