/** Where a runner listens: `unix:/path` or `http://host:port`. */
export type RunnerAddress = { socketPath: string } | { host: string; port: number };

/** Reads RUNNER_URL. Throws a sentence when it is neither form. */
export function parseRunnerUrl(url: string): RunnerAddress {
  if (url.startsWith("unix:")) {
    const socketPath = url.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    if (socketPath) return { socketPath };
  }
  if (URL.canParse(url)) {
    const { protocol, hostname, port } = new URL(url);
    if (protocol === "http:" && hostname)
      return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
  }
  throw new Error(`RUNNER_URL "${url}" is not usable. Give unix:/path/to/socket or http://host:port.`);
}
