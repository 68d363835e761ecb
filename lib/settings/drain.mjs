// @ts-check

/** A longer step than this is not waited for unless somebody says so. */
const mostMs = 600_000;

/**
 * How long each role, told to stop, lets what it has under way go on, in milliseconds. Without a setting, engine and runner
 * wait for as long as a step may take.
 * @param {import("./read.mjs").Values} values
 */
export const drainsOf = ({ WEB_DRAIN_MS, ENGINE_DRAIN_MS, RUNNER_DRAIN_MS, STEP_TIMEOUT_MS }) => {
  const longestStepMs = Math.min(STEP_TIMEOUT_MS, mostMs);
  return {
    inbox: WEB_DRAIN_MS,
    web: WEB_DRAIN_MS,
    engine: ENGINE_DRAIN_MS ?? longestStepMs,
    runner: RUNNER_DRAIN_MS ?? longestStepMs,
  };
};
