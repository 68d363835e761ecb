import type { Content } from "@/lib/domain/notice/contents";

/** A link that stops notices like this one for its reader. */
export type Stop = { url: string; says: string };

/** A notice as plain text, with whole addresses on lines of their own. */
export function textOf(content: Content, stop: Stop | null): string {
  const { lead, facts, quote, todo, actions } = content;
  const blocks = [
    lead,
    facts.map(({ label, value }) => `${label}: ${value}`).join("\n"),
    quote
      ?.split("\n")
      .map((line) => `> ${line}`)
      .join("\n"),
    todo,
    ...actions.map(({ label, url }) => `${label}:\n${url}`),
    stop && `-- \n${stop.says}:\n${stop.url}`,
  ];
  return `${blocks.filter(Boolean).join("\n\n")}\n`;
}
