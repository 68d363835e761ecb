import { base64Of, type CopiedBody, type CopiedRequest, hasHeader, isPlain } from "./request";

/** For every POSIX shell: between single quotes nothing means anything but the quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `curl`, as bash and other POSIX shells read it. */
export function curl(request: CopiedRequest): string {
  const { method, url, headers, body } = request;
  const [before, data] = body ? dataOf(body) : ["", null];
  const parts = [
    `${before}curl${method === "GET" && !body ? "" : ` -X ${method}`}${/[[\]{}]/.test(url) ? " -g" : ""} ${quoted(url)}`,
    ...headers.map(([name, value]) => `-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`),
    // Else curl says that it is a form.
    ...(body && !hasHeader(request, "content-type") ? ["-H 'content-type:'"] : []),
    ...(data === null ? [] : [data]),
  ];
  return parts.join(" \\\n  ");
}

function dataOf(body: CopiedBody): [before: string, data: string] {
  if ("file" in body) return ["", `--data-binary ${quoted(`@${body.file}`)}`];
  if ("text" in body && isPlain(body.text.replaceAll("\n", "")))
    // A text that begins so would be taken for the name of a file.
    return ["", `${body.text.startsWith("@") ? "--data-raw" : "-d"} ${quoted(body.text)}`];
  const base64 = "text" in body ? base64Of(new TextEncoder().encode(body.text)) : body.base64;
  return [`printf '%s' ${quoted(base64)} | base64 --decode | `, "--data-binary @-"];
}
