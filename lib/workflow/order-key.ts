const maxChars = 200;
const step = String.raw`[^\s.[\]"'\x60(){};,]+`;
const path = new RegExp(String.raw`^(state\.)?(data|request)(\.${step}|\[\d+\])+$`, "u");

/** What a message's `request` has; the rest would find nothing, ever. */
const ofRequest = /^(state\.)?request\.(method|path(\[\d+\])?|(query|query_params|headers)\.[^[\]]+)$/u;

/** What a sender proves who it is with, which is stored nowhere in clear. */
const proof = /^(state\.)?request\.headers\.(authorization|proxy-authorization|cookie|x-api-key)$/iu;

/**
 * Why a text is no order key; null when it is one: a path such as `data.patient.id`, `data.items[0].id` or
 * `request.headers.x-patient`, with or without `state.` before it. It names a place, it is no code. The database reads it
 * (`order_key_in`).
 */
export function orderKeyProblem(text: string): string | null {
  if (text.length > maxChars) return `The order key can have at most ${maxChars} characters.`;
  if (!path.test(text))
    return `"${text}" is no path to a value. Write where a message says what must be processed in order, such as data.patient.id or request.headers.x-patient.`;
  if (/^(state\.)?request/.test(text) && !ofRequest.test(text))
    return `"${text}" is nothing that a request has. It has request.method, request.path, request.query_params.… and request.headers.….`;
  if (proof.test(text))
    return `"${text}" is a secret of the sender's, and keys are shown. Choose another place.`;
  return null;
}
