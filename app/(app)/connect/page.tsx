import type { Metadata } from "next";
import { parseAsString, type SearchParams } from "nuqs/server";
import { PageHeader } from "@/components/ui/page-header";
import { pageUser } from "@/lib/auth/context";
import { Connecting } from "./client";

/** The address holds a code that is good once. */
export const metadata: Metadata = { title: "Connect a credential", referrer: "no-referrer" };

type Props = { searchParams: Promise<SearchParams> };

/** Where services send people back to; what else they say in the address is theirs, and ignored. */
export default async function ConnectPage({ searchParams }: Props) {
  await pageUser();
  const { state, code, error } = await searchParams;
  const read = (value: string | string[] | undefined) => parseAsString.parseServerSide(value) ?? undefined;
  return (
    <div className="mx-auto max-w-xl">
      <PageHeader title="Connect a credential" />
      <Connecting answer={{ state: read(state), code: read(code), error: read(error) }} />
    </div>
  );
}
