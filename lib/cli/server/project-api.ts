import { z } from "zod";
import type { Client, RequestOptions } from "@/lib/cli/client";
import type { Context } from "@/lib/cli/command";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure } from "@/lib/cli/failure";
import { readText } from "@/lib/cli/files";
import type { onServerOptions } from "./options";

const stateFile = z.object({ id: z.uuid() });
const projectList = z.object({ items: z.array(z.object({ id: z.uuid(), name: z.string() })) });
const refusal = z.object({ error: z.object({ message: z.string() }) });

/** One project's part of the server's API: paths begin below `/api/projects/<id>`. */
export class ProjectApi {
  readonly id: string;
  readonly #client: Client;

  constructor(client: Client, id: string) {
    this.#client = client;
    this.id = id;
  }

  /** The answer as the schema reads it. Throws `CliFailure` in the server's words. */
  async get<S extends z.ZodType>(
    path: string,
    schema: S,
    query: RequestOptions["query"] = [],
  ): Promise<z.output<S>> {
    const found = await this.find(path, schema, query);
    if (found === null)
      throw new CliFailure(`The server knows no such thing: ${this.#path(path)}`, {
        exitCode: exitCodes.failed,
      });
    return found;
  }

  /** The same, and null for 404. */
  find = <S extends z.ZodType>(path: string, schema: S, query: RequestOptions["query"] = []) =>
    readAnswer(this.#client, "GET", this.#path(path), schema, { query });

  /** Throws `CliFailure` in the server's words. */
  async post<S extends z.ZodType>(path: string, schema: S, body: unknown): Promise<z.output<S>> {
    const answer = await readAnswer(this.#client, "POST", this.#path(path), schema, { body });
    if (answer === null)
      throw new CliFailure(`The server knows no such thing: ${this.#path(path)}`, {
        exitCode: exitCodes.failed,
      });
    return answer;
  }

  #path = (path: string) => `/api/projects/${this.id}${path}`;
}

async function readAnswer<S extends z.ZodType>(
  client: Client,
  method: string,
  path: string,
  schema: S,
  options: RequestOptions,
): Promise<z.output<S> | null> {
  return answerOf(client, await client.request(method, path, options), schema);
}

/** Null for 404. Throws `CliFailure` in the server's words. */
async function answerOf<S extends z.ZodType>(
  client: Client,
  response: Response,
  schema: S,
): Promise<z.output<S> | null> {
  const body = await client.json(response);
  if (response.status === 404) return null;
  if (!response.ok) {
    const said = refusal.safeParse(body).data?.error.message ?? response.statusText;
    const exitCode = response.status === 401 ? exitCodes.deployError : exitCodes.failed;
    throw new CliFailure(said || `${client.endpoint} answered ${response.status}.`, { exitCode });
  }
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new CliFailure(`${client.endpoint} answered otherwise than Waybill does.`, {
    next: "This command speaks Waybill's own API. Check the endpoint, or update this program.",
    cause: read.error,
  });
}

/**
 * The project that a command is about: `--project`, else the one of the state file, else the only one that the token sees.
 * Throws `CliFailure` that says how to name one.
 */
export async function projectApi(context: Context<typeof onServerOptions>): Promise<ProjectApi> {
  const client = await context.client();
  const named = context.values.project ?? (await inStateFile(context));
  if (named !== null) return new ProjectApi(client, idOf(named));
  const [only, ...others] = await listedProjects(client);
  if (only && others.length === 0) return new ProjectApi(client, only.id);
  throw new CliFailure("Which project?", {
    exitCode: exitCodes.failed,
    next: only
      ? `Say --project <uuid>: ${[only, ...others]
          .slice(0, 10)
          .map(({ id, name }) => `${name} (${id})`)
          .join(", ")}.`
      : "The token sees none. Say --project <uuid>, or run this where `waybill pull` has left its state file.",
  });
}

/** None for a token that may not read. A repository's sees its own project. */
async function listedProjects(client: Client): Promise<z.infer<typeof projectList>["items"]> {
  const response = await client.send("GET", "/api/projects");
  if (response.status !== 403) return (await answerOf(client, response, projectList))?.items ?? [];
  await response.body?.cancel();
  return [];
}

function idOf(text: string): string {
  if (z.uuid().safeParse(text).success) return text;
  throw new CliFailure(`"${text}" is no project's UUID.`, { exitCode: exitCodes.failed });
}

async function inStateFile({ config }: Context<typeof onServerOptions>): Promise<string | null> {
  const text = await readText((await config()).statePath);
  if (text === null) return null;
  try {
    return stateFile.parse(JSON.parse(text)).id;
  } catch {
    return null;
  }
}
