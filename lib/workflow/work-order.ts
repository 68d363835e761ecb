import { isUnfinished } from "./states";

/**
 * The state of a work order when runs of it have ended, as SQL over its row `w`: never final while another run of it is
 * unfinished, otherwise that of the run that ended last. `ended` is SQL for the ended runs' ids as an array, `state` for
 * the state.
 */
export const workOrderState = (ended: string, state: string) => `coalesce(
  (/* checked: a work order's runs are its project's */ select o.state from runs o where o.work_order_id = w.id and o.id <> all(${ended}) and ${isUnfinished("o.state")} order by o.state desc limit 1), ${state})`;
