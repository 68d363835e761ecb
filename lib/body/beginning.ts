import { previewChars } from "./read";

/** A row of more lies in part elsewhere, and to read the body is dearer than to read the row. */
const rowBytes = 1_600;

/** What of a message takes most of its row: texts as they are stored. */
type Stored = { body: Uint8Array; headers: string; query: string };

/**
 * Whether a body that is JSON in UTF-8 lies in its message's row. Then no preview is stored beside it: `beginningSql` takes it from
 * there.
 */
export const liesInRow = ({ body, headers, query }: Stored): boolean =>
  body.length + headers.length + query.length <= rowBytes;

/** SQL for the text that the preview (`previewOf`) of a row of `messages` is made of. */
export const beginningSql = (row: string): string =>
  `case when ${row}.preview = '' and ${row}.size <= ${rowBytes} and ${row}.format = 'json' and ${row}.view is null
    then /* body here: so small a one */ left(convert_from(${row}.body, 'UTF8'), ${2 * previewChars}) else ${row}.preview end`;
