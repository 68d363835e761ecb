import { maxLogMessageChars } from "@/lib/runner/protocol/messages";

const maxNodes = 20_000;
const maxLevels = 200;
const maxItems = 100;

/** Whether a method of a built-in accepts a value, of whatever realm: only one of its kind has what it reads. */
function accepts(method: ((this: unknown) => unknown) | undefined, value: object): boolean {
  try {
    method?.call(value);
    return method !== undefined;
  } catch {
    return false;
  }
}

const getter = (prototype: object, key: PropertyKey) =>
  Object.getOwnPropertyDescriptor(prototype, key)?.get as ((this: unknown) => unknown) | undefined;

const sizeOfMap = getter(Map.prototype, "size");
const sizeOfSet = getter(Set.prototype, "size");
const sourceOf = getter(RegExp.prototype, "source");
const lengthOfBuffer = getter(ArrayBuffer.prototype, "byteLength");
const timeOf = Date.prototype.getTime as (this: unknown) => unknown;

/**
 * A value as a log line shows it: JSON for what is JSON, indented by two, and after Node's manner what JSON cannot say
 * (Map, Set, RegExp, functions, undefined, big integers, typed arrays, errors with their causes, classes). Bounded and
 * total: cycles, huge objects, throwing getters and proxies give a text, never an exception.
 */
export function inspect(value: unknown): string {
  if (typeof value === "string") return value;
  const printer = new Printer();
  if (typeof value === "object" && value !== null && accepts(timeOf, value)) return dateText(value);
  return printer.print(value, "", 0);
}

class Printer {
  readonly #path: object[] = [];
  #nodes = 0;
  #chars = 0;

  print(value: unknown, indent: string, level: number): string {
    this.#nodes += 1;
    if (typeof value !== "object" || value === null) return this.#counted(primitive(value));
    if (this.#path.includes(value)) return "[Circular]";
    if (level > maxLevels) return "[nested too deeply]";
    this.#path.push(value);
    try {
      return this.#object(value, indent, level);
    } catch (error) {
      return `[unreadable: ${messageOf(error)}]`;
    } finally {
      this.#path.pop();
    }
  }

  #counted(text: string): string {
    this.#chars += text.length;
    return text;
  }

  #object(value: object, indent: string, level: number): string {
    if (Array.isArray(value))
      return this.#list({ opening: "[", closing: "]", ...itemsOf(value) }, indent, level);
    if (isPlain(value)) return this.#fields(value, indent, level);
    if (accepts(sizeOfMap, value)) return this.#map(value as Map<unknown, unknown>, indent, level);
    if (accepts(sizeOfSet, value)) return this.#set(value as Set<unknown>, indent, level);
    if (accepts(timeOf, value)) return `"${dateText(value)}"`;
    if (accepts(sourceOf, value)) return this.#counted(RegExp.prototype.toString.call(value));
    if (ArrayBuffer.isView(value)) return this.#counted(viewText(value));
    if (accepts(lengthOfBuffer, value)) return `ArrayBuffer(${Reflect.get(value, "byteLength")})`;
    if (boxed.some((kind) => accepts(kind, value))) return this.print(value.valueOf(), indent, level);
    if (isError(value)) return this.#error(value, indent, level);
    return this.#fields(value, indent, level);
  }

  #fields(value: object, indent: string, level: number): string {
    const toJson: unknown = Reflect.get(value, "toJSON");
    if (typeof toJson === "function") return this.print(toJson.call(value), indent, level + 1);
    const name = classOf(value);
    const keys = Object.keys(value);
    if (keys.length === 0 && name) return this.#counted(opaque(value, name));
    const parts = {
      name: name && `${name} `,
      total: keys.length,
      label: (i: number) => `${JSON.stringify(keys[i])}: `,
      read: (i: number) => Reflect.get(value, keys[i] ?? ""),
    };
    return this.#list(parts, indent, level);
  }

  #map(value: Map<unknown, unknown>, indent: string, level: number): string {
    const entries = first(Map.prototype.entries.call(value) as Iterable<[unknown, unknown]>);
    const total = Number(sizeOfMap?.call(value));
    const label = (i: number) => `${this.print(entries[i]?.[0], `${indent}  `, level + 1)} => `;
    return this.#list({ name: `Map(${total}) `, total, label, read: (i) => entries[i]?.[1] }, indent, level);
  }

  #set(value: Set<unknown>, indent: string, level: number): string {
    const items = first(Set.prototype.values.call(value) as Iterable<unknown>);
    const total = Number(sizeOfSet?.call(value));
    return this.#list({ name: `Set(${total}) `, total, read: (i) => items[i] }, indent, level);
  }

  #error(value: object, indent: string, level: number): string {
    const name = Reflect.get(value, "name");
    const message = Reflect.get(value, "message");
    let text = this.#counted(message === "" ? String(name) : `${String(name)}: ${String(message)}`);
    const { cause, errors } = value as { cause?: unknown; errors?: unknown };
    if (cause !== undefined) text += `\n${indent}  caused by ${this.print(cause, `${indent}  `, level + 1)}`;
    if (Array.isArray(errors))
      for (const error of errors.slice(0, maxItems))
        text += `\n${indent}  ${this.print(error, `${indent}  `, level + 1)}`;
    return text;
  }

  #list(
    { name = "", opening = "{", closing = "}", total, label, read }: Parts,
    indent: string,
    level: number,
  ): string {
    if (total === 0) return this.#counted(`${name}${opening}${closing}`);
    const inner = `${indent}  `;
    const lines: string[] = [];
    for (let i = 0; i < total; i += 1) {
      if (this.#nodes > maxNodes || this.#chars > maxLogMessageChars) {
        lines.push(`${inner}… ${total - i} more`);
        break;
      }
      lines.push(`${inner}${this.#counted(label?.(i) ?? "")}${this.#item(() => read(i), inner, level)}`);
    }
    return `${name}${opening}\n${lines.join(",\n")}\n${indent}${closing}`;
  }

  #item(read: () => unknown, indent: string, level: number): string {
    let value: unknown;
    try {
      value = read();
    } catch (error) {
      return `[Getter threw: ${messageOf(error)}]`;
    }
    return value === hole ? "<empty>" : this.print(value, indent, level + 1);
  }
}

type Parts = {
  name?: string;
  opening?: string;
  closing?: string;
  total: number;
  label?: (index: number) => string;
  read: (index: number) => unknown;
};

const boxed = [Number, String, Boolean].map(
  ({ prototype }) => prototype.valueOf as (this: unknown) => unknown,
);
const hole = Symbol("hole");

const itemsOf = (list: unknown[]) => ({
  total: list.length,
  read: (i: number) => (i in list ? list[i] : hole),
});

/** As many as can be shown at all. */
function first<T>(items: Iterable<T>): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length > maxNodes) break;
    found.push(item);
  }
  return found;
}

/** An object literal of any realm, which is what nearly everything is. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && classOf(value) === "";
}

function primitive(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > maxLogMessageChars ? value.slice(0, maxLogMessageChars) : value);
    case "bigint":
      return `${value}n`;
    case "function":
      return functionText(value);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    default:
      return String(value);
  }
}

function functionText(value: object): string {
  try {
    const name = Reflect.get(value, "name");
    const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "Function";
    return typeof name === "string" && name ? `[${kind}: ${name}]` : `[${kind} (anonymous)]`;
  } catch {
    return "[Function]";
  }
}

function dateText(value: object): string {
  const time = Date.prototype.getTime.call(value);
  return Number.isNaN(time) ? "Invalid Date" : new Date(time).toISOString();
}

function viewText(view: ArrayBufferView): string {
  const name = classOf(view);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (/Buffer$/.test(name)) {
    const shown = [...bytes.subarray(0, maxItems)].map((byte) => byte.toString(16).padStart(2, "0"));
    return `<Buffer ${shown.join(" ")}${moreThan(bytes.length, maxItems)}>`;
  }
  if (!("length" in view)) return `DataView(${view.byteLength})`;
  const items = view as unknown as ArrayLike<number | bigint>;
  const shown = Array.from({ length: Math.min(items.length, maxItems) }, (_, i) => primitive(items[i]));
  return `${name || "Array"}(${items.length}) [${shown.join(", ")}${moreThan(items.length, maxItems)}]`;
}

const moreThan = (length: number, most: number): string => (length > most ? ` … ${length - most} more` : "");

const isError = (value: object): boolean => "stack" in value && "message" in value;

/** The name of a value's class; empty for plain objects. */
function classOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || typeof prototype !== "object") return "";
  const maker: unknown = Reflect.get(prototype, "constructor");
  const name: unknown = typeof maker === "function" ? Reflect.get(maker, "name") : "";
  return typeof name === "string" && name !== "Object" ? name.slice(0, 100) : "";
}

/** What has no fields to show: by its class, and its own text when it has one. */
function opaque(value: object, name: string): string {
  const text: unknown = Reflect.get(value, "toString");
  const isOwn =
    typeof text === "function" && !/^function toString\(\) \{ \[native code\] \}$/.test(String(text));
  const said = isOwn || name === "URLSearchParams" ? String(value) : "";
  if (said === "" || said.startsWith("[object ")) return `${name} {}`;
  return `${name} { ${said.slice(0, maxLogMessageChars)} }`;
}

function messageOf(error: unknown): string {
  try {
    return String(typeof error === "object" && error !== null ? Reflect.get(error, "message") : error).slice(
      0,
      200,
    );
  } catch {
    return "an error";
  }
}
