import type { Metadata } from "next";
import { NoSuchPart } from "@/components/shell/no-such-page";

export const metadata: Metadata = { title: "Nothing at this address" };

export default function NotFound() {
  return <NoSuchPart />;
}
