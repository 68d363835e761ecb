import { randomUUID } from "node:crypto";
import { Client, checkEndpoint } from "@/lib/cli/client";
import { type Context, defineOptions, type Positional } from "@/lib/cli/command";
import { readConfig } from "@/lib/cli/config";
import { CliFailure } from "@/lib/cli/failure";
import { loginFile, readLogins, writeLogins } from "@/lib/cli/store";
import { variable } from "@/lib/cli/variables";

export const summary = "Keep the address of a server and a token for it, for this user";

export const details = `Asks for the token without showing it, or takes it from standard input or from WAYBILL_API_KEY; never from the command line. The token is tried, then kept in ~/.config/waybill/logins.json, which only you can read. It goes to its own server only. Other commands use the server of the last login where neither options, variables nor a config file name one.`;

export const positionals: readonly Positional[] = [
  { name: "endpoint", description: "Address of the server, e.g. https://waybill.example.org" },
];

export const options = defineOptions({
  forget: { type: "boolean", description: "Remove the token for this server from this computer instead" },
});

export const examples = [
  ["login https://waybill.example.org", "Asks for a token and keeps it"],
  ["login https://waybill.example.org < token.txt", "Takes the token from a file"],
] as const;

const usualEndpoint = "http://127.0.0.1:3000";

export async function run(context: Context<typeof options>): Promise<void> {
  const { env, out, signal, values } = context;
  const endpoint = await endpointOf(context);
  checkEndpoint(endpoint);
  const { origin } = new URL(endpoint);
  const logins = await readLogins(env);
  if (values.forget) {
    const { [origin]: token, ...tokens } = logins.tokens;
    const { endpoint: last, ...rest } = logins;
    await writeLogins(env, { ...rest, ...(last && last !== origin ? { endpoint: last } : {}), tokens });
    out.success(
      token === undefined ? `There was no token for ${origin}.` : `Forgot the token for ${origin}.`,
    );
    out.result({ endpoint: origin, forgotten: token !== undefined });
    return;
  }
  const token = await tokenOf(context, origin);
  await tryOut(new Client(origin, token, signal));
  await writeLogins(env, { endpoint: origin, tokens: { ...logins.tokens, [origin]: token } });
  out.success(`Logged in to ${origin}. The token is in ${loginFile(env)}, which only you can read.`);
  out.result({ endpoint: origin, file: loginFile(env) });
}

async function endpointOf({ positionals: [named], cwd, env, ask }: Context<typeof options>): Promise<string> {
  if (named) return named;
  const { endpoint } = await readConfig({}, env, cwd);
  const usual = endpoint ?? usualEndpoint;
  if (!ask.isTerminal) return usual;
  return (await ask.line(`Address of the server (${usual}):`))?.trim() || usual;
}

async function tokenOf({ env, ask, out }: Context<typeof options>, origin: string): Promise<string> {
  const told = variable(env, "API_KEY");
  if (told) return told;
  if (ask.isTerminal)
    out.line(`Make a token at ${origin}/account: "read" and "deploy" are the scopes it needs.`);
  const token = (await ask.line("Token:", { hidden: true }))?.trim();
  if (!token)
    throw new CliFailure("Missing API key", {
      next: `Make a token at ${origin}/account, then type it here, or give it on standard input.`,
    });
  return token;
}

/** Whatever a server says of a project that nobody has, it says whether it knows the token. Throws `CliFailure`. */
async function tryOut(client: Client): Promise<void> {
  const response = await client.send("GET", `/api/provision/${randomUUID()}`);
  const refusal = response.status === 401 ? client.refusalOf(response) : null;
  if (refusal) throw refusal;
  const answer = await client.json(response);
  if ([403, 404].includes(response.status) && typeof answer === "object") return;
  throw new CliFailure(`${client.origin} answered ${response.status}: it does not look like Waybill.`, {
    next: "Check the address, or look at the server's own log.",
  });
}
