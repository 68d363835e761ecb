import { isRecord, type MapReader } from "@/lib/portability/reader";
import { parametersOf } from "./n8n-triggers";

/** The job that a node becomes: its adaptor's short name, its code, and what is to be told. */
export type Written = { adaptor: "common" | "http"; body: string; said: string[] };

const handsOn = "fn(state => state);";

/** Returns the job that a node of n8n becomes. One that has no counterpart fails with its name until it is written. */
export function codeOf(type: string, name: string, node: MapReader): Written {
  const parameters = parametersOf(node);
  const kind = type.split(".").at(-1) ?? "";
  const written = writers[kind]?.(parameters);
  if (written) return written;
  const what = JSON.stringify(`This was the node "${name}" of n8n (${type}). Write here what it did.`);
  return {
    adaptor: "common",
    body: `fn(() => {\n  throw new Error(${what});\n});\n`,
    said: [`${type} has no counterpart: its job fails until you write it.`],
  };
}

type Write = (parameters: Record<string, unknown>) => Written | null;

const plain = (said: string[] = []): Written => ({ adaptor: "common", body: handsOn, said });

const writers: Readonly<Record<string, Write | undefined>> = {
  noOp: () => plain(),
  merge: () =>
    plain([
      "Branches are not merged: the job runs after whichever comes first. See what it needs of the others.",
    ]),
  if: () => plain(),
  switch: () => plain(),
  filter: () => plain(),
  respondToWebhook: () =>
    plain([
      "Answers are the webhook's own: choose when it answers in its settings, and return what it should say.",
    ]),
  code: (parameters) => {
    if (typeof parameters.language === "string" && parameters.language !== "javaScript") return null;
    const code = text(parameters.jsCode ?? parameters.functionCode);
    return code === null ? null : ofCode(code, parameters.mode === "runOnceForEachItem");
  },
  function: ({ functionCode }) =>
    text(functionCode) === null ? null : ofCode(text(functionCode) ?? "", false),
  functionItem: ({ functionCode }) =>
    text(functionCode) === null ? null : ofCode(text(functionCode) ?? "", true),
  set: (parameters) => ofSet(parameters),
  httpRequest: (parameters) => ofRequest(parameters),
};

const text = (value: unknown): string | null =>
  typeof value === "string" && value.trim() !== "" ? value : null;

const indented = (code: string): string => code.replace(/^(?=.)/gm, "    ");

/** n8n's code sees items, each with `json`; what it returns becomes `state.data`. */
function ofCode(code: string, isForEach: boolean): Written {
  const said =
    "Its code was wrapped: $input, $json and items are there, other words of n8n are not. Try it with a message.";
  const run = isForEach
    ? "  const results = [];\n  for (const item of items) results.push(await once(item, item?.json));\n  const data = results.map(one => one?.json ?? one);\n"
    : "  const result = await once(items[0], items[0]?.json);\n  const data = Array.isArray(result) ? result.map(one => one?.json ?? one) : (result?.json ?? result);\n";
  const body = `// Code of n8n, with what it sees there.
fn(async state => {
  const items = [state.data].flat().map(json => ({ json }));
  const $input = { all: () => items, first: () => items[0], last: () => items.at(-1) };
  const once = (item, $json) => (async () => {
${indented(code.trimEnd())}
  })();
${run}  return { ...state, data };
});
`;
  return { adaptor: "common", body, said: [said] };
}

const word = /^[A-Za-z_$][\w$]*$/;

/** Names and values, of which one may be a single expression of $json. */
function ofSet(parameters: Record<string, unknown>): Written | null {
  const named = assignments(parameters);
  const lines = named.map(({ name, value }) => {
    const written = codeOfValue(value);
    return typeof name === "string" && written !== null
      ? `${word.test(name) ? name : JSON.stringify(name)}: ${written}`
      : null;
  });
  if (lines.length === 0 || lines.includes(null)) return null;
  const only =
    parameters.keepOnlySet === true ||
    (parameters.includeOtherFields !== true && isRecord(parameters.assignments));
  const all = [...(only ? [] : ["...$json"]), ...lines].map((line) => `    ${line},\n`).join("");
  const body = `fn(state => {\n  const $json = state.data;\n  const data = {\n${all}  };\n  return { ...state, data };\n});\n`;
  return { adaptor: "common", body, said: [] };
}

/** In a list of its own, or by the types of its values, as n8n wrote them first. */
function assignments({ assignments, values }: Record<string, unknown>): Record<string, unknown>[] {
  const list = isRecord(assignments)
    ? assignments.assignments
    : isRecord(values)
      ? Object.values(values).flat()
      : [];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** A value as JavaScript, or null where its expression is more than one of $json. */
function codeOfValue(value: unknown): string | null {
  if (typeof value !== "string" || !value.startsWith("=")) return JSON.stringify(value ?? null);
  const [, expression] =
    /^=\{\{\s*(\$json(?:\.[A-Za-z_$][\w$]*|\[(?:"[^"\\\]]*"|'[^'\\\]]*'|\d+)\])*)\s*\}\}$/.exec(value) ?? [];
  if (expression !== undefined)
    return expression.replace(/\.[A-Za-z_$][\w$]*|\[(?:"[^"]*"|'[^']*'|\d+)\]/g, (part) =>
      part.startsWith(".") ? `?${part}` : `?.${part}`,
    );
  return value.includes("{{") ? null : JSON.stringify(value.slice(1));
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

function ofRequest(parameters: Record<string, unknown>): Written | null {
  const { method, requestMethod, url, ...rest } = parameters;
  const verb = String(method ?? requestMethod ?? "GET").toUpperCase();
  const address = codeOfValue(url);
  if (!methods.includes(verb) || text(url) === null || address === null) return null;
  const isPlain = address.startsWith('"');
  const where = isPlain ? address : `state => { const $json = state.data; return ${address}; }`;
  const others = Object.keys(rest).filter((key) => key !== "options" || isSet(rest.options));
  const said = `Of the request its method and address were taken. Write the rest: ${others.join(", ")}.`;
  return {
    adaptor: "http",
    body: `request(${JSON.stringify(verb)}, ${where});\n`,
    said: others.length > 0 ? [said] : [],
  };
}

const isSet = (value: unknown): boolean => isRecord(value) && Object.keys(value).length > 0;
