import type { StepSummary } from "@/lib/domain/run/types";
import type { WouldBeRequest } from "@/lib/runner/contract";
import type { StepError } from "@/lib/workflow/types";
import type { Veil } from "./veil";

/** An error behind a veil. Where in the job's code it was stays: code is nobody's data. */
export const veiledError = (veil: Veil, error: StepError): StepError => ({
  ...error,
  type: veil.text(error.type),
  message: veil.text(error.message),
  ...(error.adaptorType === undefined ? {} : { adaptorType: veil.text(error.adaptorType) }),
  ...(error.details === undefined ? {} : { details: veil.data(error.details) }),
  ...(error.hint === undefined ? {} : { hint: veil.text(error.hint) }),
});

const veiledErrorOrNull = (veil: Veil, error: StepError | null) => error && veiledError(veil, error);

type Connections = StepSummary["connections"];

/** Connections behind a veil: a job may write what it likes into the name of a host. */
export const veiledConnections = (veil: Veil, connections: Connections): Connections =>
  connections.map((one) => ({
    ...one,
    host: veil.text(one.host),
    ...(one.refused === undefined ? {} : { refused: veil.text(one.refused) }),
  }));

/** Requests that were kept instead of sent, behind a veil. */
export const veiledRequests = (veil: Veil, requests: readonly WouldBeRequest[]): WouldBeRequest[] =>
  requests.map(({ headers, ...request }) => ({
    ...request,
    host: veil.text(request.host),
    path: veil.text(request.path),
    body: veil.text(request.body),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, veil.text(value)])),
  }));

/** A step, with the attempts before its last, behind a veil. */
export const veiledStep = (veil: Veil, step: StepSummary): StepSummary => ({
  ...step,
  // A keychain may have chosen it by what is masked, and it may be called that.
  credentialName: veil.textOrNull(step.credentialName),
  error: veiledErrorOrNull(veil, step.error),
  connections: veiledConnections(veil, step.connections),
  attempts: step.attempts.map((attempt) => ({
    ...attempt,
    error: veiledErrorOrNull(veil, attempt.error),
    connections: veiledConnections(veil, attempt.connections),
  })),
});
