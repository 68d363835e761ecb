/**
 * Node's `http`. To import it is to have all that it exports looked at, and for one of that, `WebSocket`, Node loads its whole
 * client of the web: 4 MB in each process.
 */
export const http = process.getBuiltinModule("node:http");

/** Node's `https` and `tls`, from when they are needed on: 2 MB in a process that speaks with this machine alone. */
export const https = () => process.getBuiltinModule("node:https");
export const tls = () => process.getBuiltinModule("node:tls");
