import { base64Of, type CopiedBody, type CopiedRequest, isPlain } from "./request";

/** PowerShell takes typographic quotes for the plain one, too. */
const quoted = (text: string): string => `'${text.replaceAll(/['\u2018\u2019\u201A\u201B]/g, "$&$&")}'`;

/** `Invoke-WebRequest`, as Windows PowerShell 5.1 and PowerShell 7 read it. */
export function powershell({ method, url, headers, body }: CopiedRequest): string {
  // 5.1 refuses it among the other headers.
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
  const others = headers.filter(([name]) => name.toLowerCase() !== "content-type");
  const parts = [
    "Invoke-WebRequest -UseBasicParsing",
    `-Method ${method}`,
    `-Uri ${quoted(url)}`,
    ...(type ? [`-ContentType ${quoted(type)}`] : []),
    ...(others.length > 0
      ? [`-Headers @{ ${others.map(([name, value]) => `${quoted(name)} = ${quoted(value)}`).join("; ")} }`]
      : []),
    ...(body ? ["-Body $body"] : []),
  ];
  const request = parts.join(" ");
  return body ? `$body = ${bytesOf(body)}\n${request}` : request;
}

/** Bytes, because 5.1 sends texts in Latin-1. */
function bytesOf(body: CopiedBody): string {
  if ("file" in body) return `[IO.File]::ReadAllBytes((Resolve-Path ${quoted(body.file)}))`;
  if ("text" in body) {
    const lines = body.text.split("\n");
    if (lines.every(isPlain)) {
      // A clipboard may turn a line break into two characters.
      const text =
        lines.length === 1 ? quoted(body.text) : `(@(${lines.map(quoted).join(", ")}) -join "\`n")`;
      return `[Text.Encoding]::UTF8.GetBytes(${text})`;
    }
  }
  const base64 = "text" in body ? base64Of(new TextEncoder().encode(body.text)) : body.base64;
  return `[Convert]::FromBase64String(${quoted(base64)})`;
}
