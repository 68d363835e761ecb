import type { Word } from "./word";

const takesState = new Set(["func", "fn", "operation", "callback", "cb"]);
const mayBeLeftOut = new Set(["options", "opts", "params", "callback", "cb", "config", "encoding", "query"]);
const isText =
  /^(?:path|url|uri|endpoint|name|method|resource(?:Type|Path|Name)?|id|uuid|key|table(?:Name)?|sheetName|fieldName|algorithm)$/;

/** Operations that everybody writes, as they are usually written. */
const usual: Record<string, string> = {
  fn: "fn(state => {\n\t#{}\n\treturn state;\n});",
  fnIf: "fnIf(\n\tstate => #{state.data},\n\t#{operation}\n);",
  each: 'each(\n\t"$.data.#{items}[*]",\n\t#{operation}\n);',
  "collections.each":
    'collections.each("#{name}", "#{*}", (state, value, key) => {\n\t#{}\n\treturn state;\n});',
  "collections.set": 'collections.set("#{name}", "#{key}", state => #{state.data});',
};

/** A word as a snippet of @codemirror/autocomplete: `#{…}`, a place to fill in for each parameter that cannot be left out. */
export function snippetOf({ name, params, description }: Word): string {
  const known = Object.hasOwn(usual, name) ? usual[name] : undefined;
  if (known !== undefined) return known;
  if (params.length === 0) return description === "" ? name : `${name}(#{})`;
  const isOptional = (param: Word["params"][number]) =>
    mayBeLeftOut.has(param.name) || /\boptional\b/i.test(param.description);
  let needed = params.length;
  for (let last = params[needed - 1]; needed > 1 && last && isOptional(last); last = params[needed - 1])
    needed -= 1;
  return `${name}(${params.slice(0, needed).map(placeOf).join(", ")})`;
}

function placeOf({ name }: Word["params"][number]): string {
  if (takesState.has(name)) return "state => #{state}";
  // Names of patterns and rest parameters are no names.
  const field = name.replace(/[^\w$]/g, "") || "value";
  return isText.test(field) ? `"#{${field}}"` : `#{${field}}`;
}
