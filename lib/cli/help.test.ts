import { expect, test } from "vitest";
import { defineOptions } from "./command";
import { helpOf } from "./help";
import { cliCommands } from "./names.mjs";
import { commonOptions, logOptions } from "./options";
import { registry } from "./registry";

test("help has the layout of OpenFn's: usage, description, options with their types at the margin", () => {
  const options = defineOptions({
    config: {
      type: "string",
      alias: ["c", "config-path"],
      description: "The location of your config file",
      default: "./.config.json",
    },
    "no-confirm": { type: "boolean", description: "Skip confirmation prompts (e.g. 'Are you sure?')" },
    secret: { type: "string", description: "hidden", hidden: true },
  });
  const command = { summary: "Deploy a project", options, run: async () => {} };
  expect(helpOf("deploy", command, commonOptions, 80)).toBe(`waybill deploy

Deploy a project

Options:
      --version                Show version number                     [boolean]
  -h, --help                   Show help                               [boolean]
  -c, --config, --config-path  The location of your config file
                                            [string] [default: "./.config.json"]
      --no-confirm             Skip confirmation prompts (e.g. 'Are you sure?')
                                                                       [boolean]`);
});

test.each(Object.entries(registry))(
  "%s describes itself, in lines that fit the terminal",
  async (name, load) => {
    const command = await load();
    expect(command.summary).toBe(Object.entries(cliCommands).find(([known]) => known === name)?.[1]);
    for (const width of [60, 80, 120])
      for (const line of helpOf(name, command, commonOptions, width).split("\n"))
        expect(line.startsWith("  waybill ") ? 0 : line.length, line).toBeLessThanOrEqual(width);
  },
);

test.each(Object.entries(registry))("%s gives each of its options a name of its own", async (_, load) => {
  const { options } = await load();
  const all = [commonOptions, logOptions, options].flatMap((some) =>
    Object.entries(some).flatMap(([name, { alias = [] }]) => [name, ...alias]),
  );
  expect(all.filter((name, i) => all.indexOf(name) !== i)).toEqual([]);
});
