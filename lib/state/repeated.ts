import { isUtf8 } from "node:buffer";
import { limits } from "@/lib/limits";
import type { MessageInput } from "@/lib/workflow/message-state";

/**
 * What most jobs return has what the message said in it, as it was sent. Such a state is stored without that: with the message's
 * id, and the texts before and after (`stored_states`). The view `dataclips` puts them together, and a trigger of `messages`
 * puts a body back before it goes: both in `db/migrations/0074_of-message.sql`, with these bounds. A smaller body would save
 * less than the reference takes; larger ones may lie apart (lib/payloads), where the database cannot read them.
 */
const repeatable = { least: 256, most: 16_383 };

/** SQL for "states may refer to the body of the message `m`". */
export const isRepeatableSql = `m.wiped_at is null and m.format = 'json' and octet_length(m.body) between ${repeatable.least} and ${repeatable.most}`;

/** What a message said, where a state that repeats it may refer to it. */
export function repeatableText(message: MessageInput | null): string | null {
  if (message?.format !== "json" || message.reading !== null) return null;
  const { body } = message;
  if (body.length < repeatable.least || body.length > repeatable.most || !isUtf8(body)) return null;
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString();
}

/** SQL for "the text of the state is there", however it is stored, without asking for it. */
export const isThereSql = (state: string): string =>
  `${state}.wiped_at is null and ${state}.size <= ${limits.keptStateBytes}`;

/** SQL that lets go of the reference, for whoever wipes a row of `stored_states`. */
export const withoutMessage = "of_message = null, text_before = null, text_after = null";
