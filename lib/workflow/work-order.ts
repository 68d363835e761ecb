/**
 * The state of a work order when runs of it have ended, as SQL over its row `w`, which the statement has locked: never
 * final while another run of it is unfinished, otherwise that of the run that ended last. `ended` is SQL for the ended
 * runs' ids as an array, `state` for the state.
 *
 * A function of the database's, because it has to see what was committed while the statement waited for the lock: another
 * run that was queued, or that ended, meanwhile.
 */
export const workOrderState = (ended: string, state: string) => `work_order_state(w.id, ${ended}, ${state})`;
