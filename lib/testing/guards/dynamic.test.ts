import { expect, it } from "vitest";
import { argumentsAt, sources } from "./sources";

/**
 * What is loaded when it is needed suspends until it is there. next/dynamic has a boundary of its own for it only with
 * `loading` or `ssr: false`; without one, all that stands around it is hidden meanwhile, and loses the focus.
 */
it("what is loaded late hides nothing around it", () => {
  const open = sources(["app", "components"]).flatMap(({ file, text }) =>
    [...text.matchAll(/\bdynamic(?=[(<])/g)]
      .map(({ index }) => argumentsAt(text, index + "dynamic".length))
      .filter(([, options = ""]) => !/\bloading\b|ssr: false/.test(options))
      .map(([load]) => `${file}: ${load}`),
  );
  expect(open).toEqual([]);
});
