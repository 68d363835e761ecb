import type { Content } from "@/lib/domain/notice/contents";
import { singleLine } from "@/lib/text";

/** Slack refuses a message of which a part is longer. */
const most = { header: 150, section: 2_900, field: 1_900, fields: 10, text: 12_000 };

/**
 * A notice as a message for Slack's incoming webhooks. Whoever is only compatible (Mattermost, Rocket.Chat, Discord) knows no
 * blocks and shows `text`, which says all of it.
 */
export function slackOf(content: Content): string {
  const { subject, lead, facts, quote, todo, actions } = content;
  const parts = [
    safe(lead),
    quote ? quoted(quote) : "",
    safe(todo ?? ""),
    actions.map(link).join("  ·  "),
  ].filter(Boolean);
  const shown = facts.slice(0, most.fields);
  const text = [`*${safe(singleLine(subject, most.header))}*`, ...shown.map(fact), ...parts].join("\n");
  return JSON.stringify({
    text: cut(text, most.text),
    blocks: [
      { type: "header", text: { type: "plain_text", text: singleLine(subject, most.header) || "Notice" } },
      ...(shown.length > 0
        ? [{ type: "section", fields: shown.map((one) => markdown(cut(fact(one), most.field))) }]
        : []),
      ...parts.map((part) => ({ type: "section", text: markdown(cut(part, most.section)) })),
    ],
  });
}

const markdown = (text: string) => ({ type: "mrkdwn", text });
const fact = ({ label, value }: Content["facts"][number]): string => `*${safe(label)}*: ${safe(value)}`;
const quoted = (text: string): string =>
  safe(text)
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");

/** A `|` or `>` would end the address. */
const link = ({ label, url }: Content["actions"][number]): string =>
  `<${safe(url).replaceAll("|", "%7C")}|${safe(label).replaceAll("|", "/")}>`;

/** Slack's three characters; and words that would call a whole channel, which others read in plain text too. */
const safe = (text: string): string =>
  text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/@(?=channel|here|all|everyone)/gi, "@\u200b");

/** Never within an entity or a link, which would call for more. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const kept = text.slice(0, maxChars - 1).toWellFormed();
  return `${kept.replace(/&[a-z]*$/, "").replace(/<[^>]*$/, "")}…`;
}
