import { oauthClients } from "@/db/schema";
import type { TokenClient } from "@/lib/domain/credential/token-request";
import type { TokenAuthMethod } from "@/lib/words";
import { openSecret } from "./secret";

/** Columns of the client that a credential was connected with, by a left join. */
export const clientColumns = {
  id: oauthClients.id,
  tokenUrl: oauthClients.tokenUrl,
  clientId: oauthClients.clientId,
  clientSecret: oauthClients.clientSecret,
  tokenAuth: oauthClients.tokenAuth,
};

type Row = {
  id: string;
  tokenUrl: string;
  clientId: string;
  clientSecret: string | null;
  tokenAuth: TokenAuthMethod;
};

/** What renews it; null where it was entered by hand, or its client is gone. */
export const clientOf = (row: Row | null): TokenClient | null =>
  row && {
    tokenUrl: row.tokenUrl,
    clientId: row.clientId,
    clientSecret: row.clientSecret === null ? null : openSecret(row.id, row.clientSecret),
    tokenAuth: row.tokenAuth,
  };
