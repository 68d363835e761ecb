import autocannon from "autocannon";

export type Load = { perSecond: number; p50Ms: number; p97Ms: number; failures: number };

/** Posts the same JSON body over `connections` connections for `seconds`, after a warm-up of a second. */
export async function postLoad(
  url: string,
  body: string,
  connections: number,
  seconds: number,
): Promise<Load> {
  const options = {
    url,
    method: "POST",
    connections,
    body,
    headers: { "content-type": "application/json" },
  } as const;
  await autocannon({ ...options, duration: 1 });
  const result = await autocannon({ ...options, duration: seconds });
  return {
    perSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p97Ms: result.latency.p97_5,
    failures: result.non2xx + result.errors,
  };
}

/** The `share` quantile of some figures; NaN of none. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
