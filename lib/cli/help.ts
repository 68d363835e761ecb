import type { Command, Option, Options, Positional } from "./command";

type Row = { left: string; text: string; right: string };

/** The help of a command in the form of OpenFn's: usage, description, positionals and options in columns. */
export function helpOf(name: string, command: Command, common: Options, width: number): string {
  const positionals = command.positionals ?? [];
  const usage = ["waybill", name, ...positionals.map(written)].join(" ");
  const rows = optionRows({ ...common, ...command.options });
  const parts = [
    usage,
    wrapped(command.summary, width).join("\n"),
    ...(command.details
      ? [
          command.details
            .split("\n")
            .flatMap((line) => wrapped(line, width))
            .join("\n"),
        ]
      : []),
    ...(positionals.length > 0 ? [`Positionals:\n${columns(positionals.map(positionalRow), width)}`] : []),
    `Options:\n${columns(rows, width)}`,
    ...(command.examples?.length ? [`Examples:\n${columns(command.examples.map(exampleRow), width)}`] : []),
  ];
  return parts.join("\n\n");
}

const written = ({ name, required, variadic }: Positional) => {
  const inner = variadic ? `${name}..` : name;
  return required ? `<${inner}>` : `[${inner}]`;
};

const positionalRow = ({ name, description, required }: Positional): Row => ({
  left: `  ${name}`,
  text: description,
  right: required ? "[string] [required]" : "[string]",
});

const exampleRow = ([line, what]: readonly [string, string]): Row => ({
  left: `  waybill ${line}`,
  text: what,
  right: "",
});

const optionRows = (options: Options): Row[] =>
  Object.entries(options)
    .filter(([, option]) => !option.hidden)
    .map(([name, option]) => ({
      left: namesOf(name, option),
      text: option.description,
      right: typeOf(option),
    }));

function namesOf(name: string, option: Option): string {
  const aliases = option.alias ?? [];
  const short = aliases.filter((alias) => alias.length === 1).map((alias) => `-${alias}`);
  const long = [name, ...aliases.filter((alias) => alias.length > 1)].map((one) => `--${one}`);
  return `${short.length > 0 ? "  " : "      "}${[...short, ...long].join(", ")}`;
}

function typeOf(option: Option): string {
  const choices =
    option.type === "string" && option.choices
      ? ` [choices: ${option.choices.map((choice) => JSON.stringify(choice)).join(", ")}]`
      : "";
  const value = "default" in option ? option.default : option.usual;
  const usual = value === undefined ? "" : ` [default: ${JSON.stringify(value)}]`;
  return `[${option.type}]${choices}${usual}`;
}

/** Three columns: the last one stands at the right margin, on a line of its own where there is no room. */
function columns(rows: readonly Row[], width: number): string {
  const longest = Math.max(...rows.map(({ left }) => left.length));
  const leftWidth = Math.min(longest, Math.floor(width * 0.45)) + 2;
  return rows.flatMap((row) => rowLines(row, leftWidth, width)).join("\n");
}

function rowLines({ left, text, right }: Row, leftWidth: number, width: number): string[] {
  const lines = wrapped(text, width - leftWidth).map((line) => " ".repeat(leftWidth) + line);
  if (left.length <= leftWidth - 2) lines[0] = left.padEnd(leftWidth) + (lines[0]?.slice(leftWidth) ?? "");
  else lines.unshift(left);
  if (right === "") return lines.map((line) => line.trimEnd());
  const last = lines.at(-1) ?? "";
  if (last.length + 2 + right.length <= width)
    lines[lines.length - 1] = last + right.padStart(width - last.length);
  else lines.push(...wrapped(right, width - 2).map((line) => line.padStart(width)));
  return lines;
}

/** Lines of at most `width` signs, broken between words. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
