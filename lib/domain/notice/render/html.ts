import type { Content } from "@/lib/domain/notice/contents";
import type { Stop } from "./text";

/** A notice as a page of its own: styles in place, light and dark, nothing that is loaded from anywhere. */
export function htmlOf(content: Content, stop: Stop | null): string {
  const { subject, lead, facts, quote, todo, actions } = content;
  const [main, ...others] = actions;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${escaped(subject)}</title><style>${styles}</style></head>
<body class="paper" style="margin:0;padding:24px 12px;background:#f6f8f9;color:#171d2b;font:15px/1.55 ${sans}">
<div class="card" style="max-width:600px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #dde1e6;border-radius:8px">
<p class="soft" style="margin:0 0 12px;font-weight:600;color:#535d6e">Waybill</p>
<h1 style="margin:0 0 12px;font-size:19px;line-height:1.35;font-weight:600;overflow-wrap:anywhere">${escaped(subject)}</h1>
<p style="margin:0 0 16px;overflow-wrap:anywhere">${lines(lead)}</p>
${facts.length > 0 ? factTable(facts) : ""}${
  quote
    ? `<pre class="quote" style="margin:0 0 16px;padding:10px 12px;background:#eef1f4;border-left:3px solid #b3261e;font:13px/1.5 ${mono};white-space:pre-wrap;overflow-wrap:anywhere">${escaped(quote)}</pre>\n`
    : ""
}${todo ? `<p style="margin:0 0 16px;overflow-wrap:anywhere">${lines(todo)}</p>\n` : ""}${
  main
    ? `<p style="margin:0 0 16px"><a class="main" href="${escaped(main.url)}" style="display:inline-block;padding:9px 16px;background:#1d2a48;color:#ffffff;border-radius:6px;text-decoration:none;font-weight:600">${escaped(main.label)}</a></p>\n`
    : ""
}${
  others.length > 0
    ? `<p style="margin:0 0 16px">${others.map(({ label, url }) => `<a class="link" href="${escaped(url)}" style="color:#2a55c4">${escaped(label)}</a>`).join(" &nbsp; ")}</p>\n`
    : ""
}</div>
${
  stop
    ? `<p class="soft" style="max-width:600px;margin:12px auto 0;font-size:13px;color:#535d6e"><a class="soft" href="${escaped(stop.url)}" style="color:#535d6e">${escaped(stop.says)}</a></p>\n`
    : ""
}</body></html>
`;
}

const sans = "system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif";
const mono = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace";

/** What no attribute can say. Readers without it see the light page. */
const styles = `@media (prefers-color-scheme:dark){
.paper{background:#10131b!important;color:#eaedf2!important}
.card{background:#171b24!important;border-color:#303643!important}
.soft{color:#a6afbd!important}.quote{background:#232833!important;border-left-color:#f2867c!important}
.main{background:#e6e9ef!important;color:#171d2b!important}.link{color:#9dbcff!important}}
@media (max-width:480px){.card{padding:16px!important}.label{width:auto!important}}`;

const factTable = (facts: Content["facts"]): string =>
  `<table role="presentation" style="margin:0 0 16px;border-collapse:collapse;width:100%">${facts
    .map(
      ({ label, value }) =>
        `<tr><th class="soft label" scope="row" style="width:120px;padding:3px 12px 3px 0;text-align:left;vertical-align:top;font-weight:400;color:#535d6e">${escaped(label)}</th><td style="padding:3px 0;vertical-align:top;overflow-wrap:anywhere">${lines(value)}</td></tr>`,
    )
    .join("")}</table>\n`;

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => entities[c] ?? c);
const lines = (text: string): string => escaped(text).replaceAll("\n", "<br>");
