import { shippedAdaptors } from "@/lib/shipped";
import { doorHost } from "./door-name";

/** OpenFn's adaptor of collections, which every job has besides its own. */
export const collectionsAdaptor = shippedAdaptors.collections;

/** Where a job's adaptor asks. */
export const collectionsEndpoint = `http://${doorHost}/collections`;

/** Whether a job may use collections; the others are given nothing for it. */
export const mentionsCollections = (source: string): boolean => /\bcollections\b/.test(source);
