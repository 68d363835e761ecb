import type { Metadata } from "next";
import { NoSuchPage } from "@/components/shell/no-such-page";

export const metadata: Metadata = { title: "Nothing at this address" };

export default function NotFound() {
  return (
    <main className="px-5">
      <NoSuchPage />
    </main>
  );
}
