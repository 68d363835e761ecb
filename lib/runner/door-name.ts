/** A name that leads nowhere but to the door that a step's broker keeps for it (egress/door.ts). */
export const doorHost = "collections.waybill.internal";
export const doorPort = 80;
