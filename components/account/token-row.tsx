import { KeySquare } from "lucide-react";
import type { ReactNode } from "react";
import { Row } from "@/components/account/section";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { RelativeTime } from "@/components/ui/relative-time";

type Token = {
  name: string;
  scopes: readonly string[];
  lastUsedAt: string | null;
  expiresAt: string | null;
  isExpired: boolean;
};

type Props = {
  token: Token;
  /** Without it, there is no button. */
  onRevoke?: (() => void) | undefined;
  /** Where it works. */
  badges?: ReactNode;
  /** What else is to be said of it. */
  children?: ReactNode;
};

/** A token: what it may do, when it was last used, when it ends, and the button that ends it now. */
export const TokenRow = ({ token, onRevoke, badges, children }: Props) => (
  <Row
    actions={
      onRevoke ? (
        <Confirm
          trigger={
            <Button variant="outline" size="sm" aria-label={`Revoke ${token.name}`}>
              Revoke
            </Button>
          }
          title={`Revoke ${token.name}?`}
          description="Whatever uses this token is refused from its next request on."
          action="Revoke token"
          destructive
          onConfirm={onRevoke}
        />
      ) : null
    }
  >
    <span className="flex flex-wrap items-center gap-2 font-medium">
      <KeySquare aria-hidden className="size-4 text-muted-foreground" />
      {token.name}
      {badges}
      {token.isExpired ? <Badge>expired</Badge> : null}
    </span>
    <span className="text-muted-foreground text-xs">
      may {token.scopes.join(", ")};{" "}
      {token.lastUsedAt ? (
        <>
          last used <RelativeTime value={token.lastUsedAt} />
        </>
      ) : (
        "never used"
      )}
      {token.expiresAt && !token.isExpired ? `, expires ${token.expiresAt.slice(0, 10)}` : null}
    </span>
    {children}
  </Row>
);
