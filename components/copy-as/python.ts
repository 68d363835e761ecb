import { type CopiedBody, type CopiedRequest, doubleQuoted, hasHeader } from "./request";

/** Python 3 with nothing installed. */
export function python(request: CopiedRequest): string {
  const { method, url, headers, body } = request;
  const given = headers.map(([name, value]) => `${doubleQuoted(name)}: ${doubleQuoted(value)}`);
  // Else Python says that it is a form.
  if (body && !hasHeader(request, "content-type")) given.push('"content-type": ""');
  const parts = [
    doubleQuoted(url),
    `method=${doubleQuoted(method)}`,
    ...(given.length > 0 ? [`headers={${given.join(", ")}}`] : []),
    ...(body ? [`data=${bytesOf(body)}`] : []),
  ];
  return [
    ...(body && "base64" in body ? ["import base64"] : []),
    "import urllib.request",
    "",
    "request = urllib.request.Request(",
    ...parts.map((part) => `    ${part},`),
    ")",
    "with urllib.request.urlopen(request) as response:",
    "    print(response.status, response.read().decode())",
  ].join("\n");
}

function bytesOf(body: CopiedBody): string {
  if ("file" in body) return `open(${doubleQuoted(body.file)}, "rb").read()`;
  if ("text" in body) return `${doubleQuoted(body.text)}.encode()`;
  return `base64.b64decode(${doubleQuoted(body.base64)})`;
}
