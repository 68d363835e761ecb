// @ts-check

/** What ends sooner is not worth a word. */
const quietMs = 1_500;
const liveEveryMs = 1_000;
const plainEveryMs = 15_000;

/** @param {number} ms */
const inWords = (ms) => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
};

/** @type {Record<string, readonly [one: string, more: string]>} */
const nouns = { steps: ["step that runs", "steps that run"], requests: ["request", "requests"] };

/**
 * What a stop waits for, in a sentence.
 * @param {{ name: string, graceMs: number, count: number, what: string }} wait `count` of `what`, as the process said it;
 *   none when it said nothing
 */
export function waitingWords({ name, graceMs, count, what }) {
  const [one, more] = nouns[what] ?? [what, what];
  const whom = count > 0 && one ? `${count} ${count === 1 ? one : more}` : `the ${name}`;
  const them = count > 1 ? "them" : "it";
  return `Waiting for ${whom}, up to ${inWords(graceMs)}; Ctrl-C again stops ${them}`;
}

/**
 * Says what a stop waits for, when it waits, and that it still does: a counting line in a terminal, elsewhere a line
 * when the number changes and now and then.
 * @param {object} own
 * @param {string} own.name
 * @param {number} own.graceMs how long at most
 * @param {() => { count: number, what: string }} own.waits
 * @param {(words: string) => void} own.say
 * @param {{ isTTY?: boolean, write(text: string): unknown }} [own.screen]
 * @returns {() => void} ends it
 */
export function sayWaiting({ name, graceMs, waits, say, screen = process.stderr }) {
  const began = Date.now();
  let last = "";
  let saidAt = 0;
  const draw = () => {
    const words = waitingWords({ name, graceMs, ...waits() });
    const elapsed = Date.now() - began;
    if (screen.isTTY) screen.write(`\r\x1b[2K${words} … ${Math.round(elapsed / 1000)} s`);
    else if (words !== last || elapsed - saidAt >= plainEveryMs) {
      say(last ? `${words} (${inWords(elapsed)} so far).` : `${words}.`);
      saidAt = elapsed;
    }
    last = words;
  };
  /** @type {NodeJS.Timeout | undefined} */
  let again;
  const first = setTimeout(() => {
    draw();
    again = setInterval(draw, liveEveryMs);
  }, quietMs);
  return () => {
    clearTimeout(first);
    clearInterval(again);
    if (last && screen.isTTY) screen.write("\r\x1b[2K");
  };
}
