import { z } from "zod";

/** The environment of projects that name none, and of a credential's own body. */
export const mainEnv = "main";

/** An environment's name, as OpenFn writes it. */
export const envName = z
  .string()
  .trim()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,31}$/,
    "Use 1 to 32 small letters, digits, hyphens and underscores, such as staging.",
  );

/** A project's environment as it is stored: null is `main`. */
export const projectEnv = envName
  .nullable()
  .transform((env) => (env === mainEnv ? null : env))
  .meta({
    description: "Which of a credential's environments the project's jobs get, such as staging; null: main.",
  });
