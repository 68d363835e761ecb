import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export type LocalProvider = {
  authorizationUrl: string;
  tokenUrl: string;
  /** Host and port, as an egress rule. */
  host: string;
  /** Goes through sign-in and consent as a person with a browser would; returns where the browser is sent back to. */
  consent(url: string, say?: "yes" | "no"): Promise<URL>;
  stop(): Promise<void>;
};

type Client = { id: string; secret?: string; auth: "client_secret_post" | "client_secret_basic" | "none" };

/** A certified OpenID Connect provider on this machine, with these clients, which asks for PKCE and rotates refresh tokens. */
export async function startProvider(clients: Client[], redirectUri: string): Promise<LocalProvider> {
  const provider = new Provider("http://127.0.0.1", {
    clients: clients.map(({ id, secret, auth }) => ({
      client_id: id,
      ...(secret ? { client_secret: secret } : {}),
      token_endpoint_auth_method: auth,
      // Loopback addresses without TLS are for such applications.
      application_type: "native",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    })),
    scopes: ["openid", "offline_access", "records"],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    ttl: {
      AccessToken: 60,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 60,
      RefreshToken: 600,
      Session: 600,
      Interaction: 600,
    },
    findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    features: { devInteractions: { enabled: true } },
  });
  const server = provider.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    authorizationUrl: `${origin}/auth`,
    tokenUrl: `${origin}/token`,
    host: `127.0.0.1:${port}`,
    consent: (url, say = "yes") => walk(url, origin, redirectUri, say),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Follows the provider's pages with its cookies, and fills in its two forms. */
async function walk(url: string, origin: string, redirectUri: string, say: "yes" | "no"): Promise<URL> {
  const cookies = new Map<string, string>();
  let request: { url: string; form?: Record<string, string> } = { url };
  for (let step = 0; step < 20; step++) {
    const answer = await fetch(request.url, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(request.form ? { method: "POST", body: new URLSearchParams(request.form) } : {}),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    if (location) {
      const next = new URL(location, request.url);
      if (next.href.startsWith(redirectUri)) return next;
      request = { url: `${origin}${next.pathname}${next.search}` };
      continue;
    }
    const page = await answer.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (!action || !prompt)
      throw new Error(`The provider answered ${answer.status}: ${page.slice(page.indexOf("<body"), 4_000)}`);
    const target = new URL(action, request.url);
    const abort = `${target.pathname}/abort`;
    request =
      say === "no"
        ? { url: `${origin}${abort}` }
        : {
            url: `${origin}${target.pathname}`,
            form: { prompt, ...(prompt === "login" ? { login: "amina", password: "any" } : {}) },
          };
  }
  throw new Error("The provider did not send the browser back.");
}
