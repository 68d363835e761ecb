/** Whether a status can be answered: below 200 are none, for which a client goes on waiting. */
export const isAnswerStatus = (code: number): boolean => code >= 200 && code <= 599;
