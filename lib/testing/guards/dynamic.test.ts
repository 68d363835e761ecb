import { expect, it } from "vitest";
import { argumentsAt, sources } from "./sources";

/**
 * What is loaded when it is needed suspends until it is there. Without a boundary of its own, which next/dynamic makes for
 * `ssr: false`, all that stands around it is hidden meanwhile, and loses the focus. With a boundary, but rendered by the server, it
 * is thrown away with what somebody has typed into it when anything around it changes before it is loaded.
 */
it("what is loaded late hides nothing around it, and cannot be typed into before it is there", () => {
  const open = sources(["app", "components"]).flatMap(({ file, text }) =>
    [...text.matchAll(/\bdynamic(?=[(<])/g)]
      .map(({ index }) => argumentsAt(text, index + "dynamic".length))
      .filter(([, options = ""]) => !/\bssr: false\b/.test(options))
      .map(([load]) => `${file}: ${load}`),
  );
  expect(open).toEqual([]);
});
