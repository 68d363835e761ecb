/** On `globalThis`, because the server's bundle and Next's are two module worlds in one process. */
const shared = globalThis as { waybillIsStopping?: boolean };

/** From now on this process ends what it does and begins nothing that takes long. */
export const beginStopping = (): void => {
  shared.waybillIsStopping = true;
};

/** Whether this process is being stopped: what goes on in pieces is given back between two of them. */
export const isStopping = (): boolean => shared.waybillIsStopping === true;
