import { argumentsAt } from "@/lib/testing/guards/sources";

/**
 * The names under which a source prepares statements: third argument of `query`. A template's holes are `*`; a name that
 * is handed on is no name.
 */
export const statementNames = (text: string): string[] =>
  [...text.matchAll(/\bquery(?=[<(])/g)].flatMap(({ index }) => {
    const [, , name = ""] = argumentsAt(text, index + "query".length);
    return [...name.matchAll(/"([^"]+)"|`([^`]+)`/g)].map(([, plain, template]) =>
      (plain ?? template ?? "").replaceAll(/\$\{[^}]*\}/g, "*"),
    );
  });

/** What a name with holes stands for. */
export const patternOf = (name: string): RegExp =>
  new RegExp(`^${name.replaceAll(".", "\\.").replaceAll("*", "[\\w-]+")}$`);
