import type { StepFate } from "./contract";

/** What client and server of the runner say to each other beside the bodies of `contract.ts`. */
export const headers = {
  /** The life that a request about a step is meant for, and in an answer the one that gave it. */
  life: "x-waybill-life",
  /** Numbers the starts of one executor, so that following a step can revoke one that may still be on its way. */
  call: "x-waybill-call",
  /** Which part of an answer the bytes are, as JSON. */
  part: "x-waybill-part",
} as const;

/** What a stream of step events is. Who accepts it by name is sent beats; engines of the release before are not. */
export const ndjson = "application/x-ndjson";

/** Why a request about a step was not done, beside the sentence for people. */
export type StepRefusal =
  /** 409: another life answers. `fate` is what the journals of this machine say of the step. */
  | { code: "other_life"; life: string; fate: StepFate }
  /** 409 */
  | { code: "superseded" }
  /** 404: what `followStep` answers for a step that has no events. */
  | { code: "unknown_step"; fate: StepFate }
  /** 410: the step was here, is over, and its result is not kept any more. */
  | { code: "gone"; fate: StepFate }
  /** 409: the attempt before has not ended. */
  | { code: "busy" }
  /** 503: the runner is being stopped. */
  | { code: "draining" };
