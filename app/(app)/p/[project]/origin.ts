import { headers } from "next/headers";
import { originFrom } from "@/lib/http/origin";

/** The origin that senders use: the configured one, else the one this page was asked for under. */
export const siteOrigin = async (): Promise<string> => originFrom(await headers());
