import { formPayloads } from "./form-senders";
import { jsonPayloads } from "./json-senders";
import { multipartPayloads } from "./multipart-senders";
import type { Payload } from "./payload";
import { textPayloads } from "./text-senders";
import { xmlPayloads } from "./xml-senders";

export type { Payload } from "./payload";

/**
 * Bodies as the senders of our field make them, each with what a reference reads in it: JSON.parse, the structure that
 * was written by the rules of forms and XML, the text that was encoded. Modelled on the documentation of public
 * projects; no file of theirs is in it.
 */
export const corpus = (): Payload[] => [
  ...jsonPayloads(),
  ...formPayloads(),
  ...xmlPayloads(),
  ...textPayloads(),
  ...multipartPayloads(),
];
