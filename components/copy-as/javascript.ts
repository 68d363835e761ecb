import { type CopiedBody, type CopiedRequest, doubleQuoted, hasHeader } from "./request";

/** `fetch`, as a module for Node or for the console of a browser. */
export function javascript(request: CopiedRequest): string {
  const { method, url, headers, body } = request;
  const given = headers.map(([name, value]) => `    ${doubleQuoted(name)}: ${doubleQuoted(value)},`);
  return [
    ...(body && "file" in body ? ['import { readFile } from "node:fs/promises";', ""] : []),
    `const response = await fetch(${doubleQuoted(url)}, {`,
    `  method: ${doubleQuoted(method)},`,
    ...(given.length > 0 ? ["  headers: {", ...given, "  },"] : []),
    ...(body ? [`  body: ${bodyOf(body, hasHeader(request, "content-type"))},`] : []),
    "});",
    "console.log(response.status, await response.text());",
  ].join("\n");
}

function bodyOf(body: CopiedBody, hasType: boolean): string {
  if ("file" in body) return `await readFile(${doubleQuoted(body.file)})`;
  // A text without a type would be sent as text/plain.
  if ("text" in body)
    return hasType ? doubleQuoted(body.text) : `new TextEncoder().encode(${doubleQuoted(body.text)})`;
  return `Uint8Array.from(atob(${doubleQuoted(body.base64)}), (one) => one.charCodeAt(0))`;
}
