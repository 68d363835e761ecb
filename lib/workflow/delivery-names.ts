/** A field name of HTTP (RFC 9110, 5.1). */
export const headerNamePattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Where a body says what delivery it is: `data`, and keys with dots between. */
export const deliveryPath = /^data(\.[^.\s]{1,100}){1,20}$/;
