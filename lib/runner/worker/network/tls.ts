import type { TLSSocket } from "node:tls";
import { builtin } from "@/lib/runner/worker/builtin";
import { isRecording } from "./record";
import { RecordingSocket } from "./recording-socket";
import { BrokeredSocket, type ConnectOptions } from "./socket";

type SecureOptions = ConnectOptions & { socket?: NodeJS.ReadWriteStream; servername?: string };
type Tls = { connect(options: object, listener?: () => void): TLSSocket };
type Net = { isIP(text: string): number };

function secureArguments(given: unknown[]): { options: SecureOptions; listener: (() => void) | undefined } {
  const rest = [...given];
  const last = rest.at(-1);
  const listener = typeof last === "function" ? (rest.pop() as () => void) : undefined;
  const [first, second, third] = rest;
  if (typeof first === "object" && first !== null) return { options: first, listener };
  const options =
    typeof second === "string"
      ? { ...(third as object | undefined), host: second }
      : { ...(second as object | undefined) };
  return { options: { ...options, port: Number(first) }, listener };
}

/** Stands for `tls.connect`: the handshake happens here, over a brokered socket, so the runner never sees plain text. */
export function connectSecure(...given: unknown[]): TLSSocket | RecordingSocket {
  const { options, listener } = secureArguments(given);
  const { path: _unixPath, ...rest } = options;
  const host = options.host ?? options.hostname ?? options.servername ?? "localhost";
  if (isRecording()) return new RecordingSocket(host, Number(options.port), true, listener);
  const socket = options.socket ?? new BrokeredSocket().connect({ host, port: options.port });
  const servername = options.servername ?? (builtin<Net>("net").isIP(host) ? undefined : host);
  const secure = builtin<Tls>("tls").connect({ ...rest, host: options.host, servername, socket }, listener);
  socket.on("error", (error: Error) => secure.destroy(error));
  return secure;
}
