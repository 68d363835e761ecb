import type { Metadata } from "next";

export const metadata: Metadata = { title: "Nothing at this address" };

export { NoSuchPage as default } from "@/components/shell/no-such-page";
