/** A column: its name, and what a row has in it. */
export type CsvColumn<T> = [name: string, valueIn: (row: T) => string | number | null];

/**
 * Rows as CSV (RFC 4180, UTF-8 with its mark, so that spreadsheets read it). What a spreadsheet would take for a formula is
 * led by an apostrophe, also where blanks stand before it or its sign is a full-width one: texts are strangers'.
 */
export const csvOf = <T>(columns: CsvColumn<T>[], rows: T[]): string =>
  `\uFEFF${lineOf(columns.map(([name]) => name))}${csvLines(columns, rows)}`;

/** More rows of such a file. */
export const csvLines = <T>(columns: CsvColumn<T>[], rows: T[]): string =>
  rows.map((row) => lineOf(columns.map(([, valueIn]) => valueIn(row)))).join("");

const lineOf = (cells: (string | number | null)[]): string => `${cells.map(cell).join(",")}\r\n`;

function cell(value: string | number | null): string {
  if (value === null) return "";
  const text =
    typeof value === "string" && /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
