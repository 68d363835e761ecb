/** The header by which a server says, in every answer of OpenFn's API, that it takes what only our documents have. */
export const extensionsHeader = "x-waybill-extensions";
