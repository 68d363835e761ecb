export type Mail = {
  to: string;
  subject: string;
  text: string;
  /** The same as a page; the local mail page shows the text. */
  html?: string;
  headers?: Record<string, string>;
  /** With angle brackets. The same id again is the same mail to whoever gets it. */
  messageId?: string;
};
