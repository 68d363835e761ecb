import { listedAddresses } from "@/lib/settings/checks.mjs";

/** Where a runner listens: `unix:/path`, `http://host:port` or `https://host:port`. */
export type RunnerAddress = { socketPath: string } | NetworkAddress;
type NetworkAddress = { host: string; port: number; isTls?: boolean };

export const isTls = (address: RunnerAddress): address is NetworkAddress =>
  "host" in address && address.isTls === true;

/** Reads one address of RUNNER_URL. Throws a sentence when it is none. */
export function parseRunnerUrl(url: string): RunnerAddress {
  if (url.startsWith("unix:")) {
    const socketPath = url.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    if (socketPath) return { socketPath };
  }
  if (URL.canParse(url)) {
    const { protocol, hostname, port } = new URL(url);
    const isHttps = protocol === "https:";
    const host = hostname.replace(/^\[|\]$/g, "");
    if ((isHttps || protocol === "http:") && host)
      return { host, port: Number(port || (isHttps ? 443 : 80)), isTls: isHttps };
  }
  throw new Error(
    `RUNNER_URL "${url}" is not usable. Give unix:/path/to/socket, https://host:port or http://127.0.0.1:port.`,
  );
}

/** The addresses of RUNNER_URL, none when it is not set. Each is written once. Throws a sentence for one that is none. */
export function runnerUrls(text: string | undefined): string[] {
  const urls = listedAddresses(text ?? "");
  for (const url of urls) parseRunnerUrl(url);
  return [...new Set(urls.map((url) => url.replace(/\/$/, "")))];
}
