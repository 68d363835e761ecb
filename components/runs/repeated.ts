/** That a step was done again by itself, in a few words; "" when it was not. It had sent nothing to anybody before. */
export const repeatedWords = (repeats: number): string =>
  repeats === 0 ? "" : `done again ${repeats === 1 ? "once" : `${repeats} times`} by itself`;
