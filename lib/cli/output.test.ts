import { expect, it } from "vitest";
import { Output, type OutputOptions } from "./output";

/** What is written where, with a terminal of colours or without. */
function written(say: (out: Output) => void, options: Partial<OutputOptions> = {}, isTTY = false) {
  const ran = { stdout: "", stderr: "" };
  const into = (name: "stdout" | "stderr") => ({
    isTTY,
    write: (text: string) => {
      ran[name] += text;
    },
  });
  say(new Output({ stdout: into("stdout"), stderr: into("stderr"), env: {}, level: "debug", ...options }));
  return ran.stdout + ran.stderr;
}

/** A name that would clear the screen, hide what follows, write a title, and go back to the line's beginning. */
const hostile = "\u001b[2J\u001b[8mclinic\u001b]0;x\u0007\u009b1A\r";
const harmless = "\\x1b[2J\\x1b[8mclinic\\x1b]0;x\\x07\\x9b1A";

it.each<[string, (out: Output) => void]>([
  ["always", (out) => out.always(hostile)],
  ["success", (out) => out.success(hostile)],
  ["info", (out) => out.info(hostile)],
  ["debug", (out) => out.debug(hostile)],
  ["warn", (out) => out.warn(hostile)],
  ["error", (out) => out.error(hostile)],
  ["what to do next", (out) => out.error("no", hostile)],
  ["line", (out) => out.line(hostile)],
  ["note", (out) => out.note(hostile)],
  ["a job's line", (out) => out.logLine("JOB", "info", hostile)],
  ["print", (out) => out.print(hostile)],
])("%s commands no terminal, whatever names and texts hold", (_, say) => {
  expect(written(say, {}, true)).toContain(harmless);
});

it("keeps its own colours, and the bytes of a result that goes into a pipe", () => {
  expect(written((out) => out.line(out.coloured("gone", "red")), {}, true)).toBe("\u001b[31mgone\u001b[0m\n");
  expect(written((out) => out.print(hostile))).toBe(`${hostile}\n`);
});
