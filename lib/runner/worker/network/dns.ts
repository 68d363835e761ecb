import type { NameRecord } from "@/lib/runner/protocol/messages";
import { builtin, type Module, once } from "@/lib/runner/worker/builtin";
import { queryNames } from "./connections";
import { isRecording } from "./record";

type LookupOptions = { all?: boolean; family?: number };
type Found = { address: string; family: number };
type Callback = (error: unknown, ...answer: unknown[]) => void;

/** What every name resolves to in a dry run. */
const documentationAddress = "192.0.2.1";

async function find(host: string, options: LookupOptions): Promise<Found | Found[]> {
  const found = (isRecording() ? [documentationAddress] : await queryNames(host, "A"))
    .map(String)
    .map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
  const wanted = options.family ? found.filter((one) => one.family === options.family) : found;
  const list = wanted.length ? wanted : found;
  return options.all ? list : (list[0] ?? { address: "", family: 4 });
}

function lookup(host: string, ...given: unknown[]): void {
  const callback = given.at(-1) as Callback;
  const options =
    typeof given[0] === "number" ? { family: given[0] } : given.length > 1 ? (given[0] as LookupOptions) : {};
  find(host, options ?? {}).then(
    (answer) =>
      Array.isArray(answer) ? callback(null, answer) : callback(null, answer.address, answer.family),
    (error) => callback(error),
  );
}

const resolver =
  (record: NameRecord) =>
  (host: string, ...given: unknown[]): void => {
    const callback = given.at(-1) as Callback;
    queryNames(host, record).then(
      (answer) => callback(null, answer),
      (error) => callback(error),
    );
  };

/** The `dns` module over the runner's resolver, which answers allowed addresses only. */
export const dnsModule = once((): Module => {
  const module: Module = {
    ...builtin("dns"),
    lookup,
    resolve: resolver("A"),
    resolve4: resolver("A"),
    resolve6: resolver("AAAA"),
    resolveSrv: resolver("SRV"),
    resolveTxt: resolver("TXT"),
    resolveCname: resolver("CNAME"),
    resolveMx: resolver("MX"),
    promises: {
      lookup: (host: string, options?: LookupOptions) => find(host, options ?? {}),
      resolve: (host: string, record: NameRecord = "A") => queryNames(host, record),
      resolve4: (host: string) => queryNames(host, "A"),
      resolve6: (host: string) => queryNames(host, "AAAA"),
      resolveSrv: (host: string) => queryNames(host, "SRV"),
      resolveTxt: (host: string) => queryNames(host, "TXT"),
    },
  };
  module.default = module;
  return module;
});
