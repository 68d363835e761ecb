"use client";
import { Waypoints } from "lucide-react";
import { Nothing, Row, RowName, Section } from "@/components/account/section";
import { usedBy } from "@/components/account/uses";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { RelativeTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { KeychainSummary } from "@/lib/domain/keychain/list";
import { KeychainDialog } from "./keychain-dialog";

type Props = {
  projectId: string;
  keychains: KeychainSummary[];
  /** The project's, to choose a default from. */
  credentials: { id: string; name: string }[];
  canManage: boolean;
};

/** Keychains: which credential a step gets, by what it begins with. */
export function KeychainsSection({ projectId, keychains, credentials, canManage }: Props) {
  return (
    <Section
      title="Keychains"
      description="A job may have a keychain instead of a credential: it takes the one whose external id stands at a path of the step's input."
      flush
      action={canManage ? <KeychainDialog projectId={projectId} credentials={credentials} /> : null}
    >
      {keychains.length === 0 ? <Nothing>No keychain yet.</Nothing> : null}
      <ul>
        {keychains.map((keychain) => (
          <Keychain
            key={keychain.id}
            projectId={projectId}
            keychain={keychain}
            credentials={credentials}
            canManage={canManage}
          />
        ))}
      </ul>
    </Section>
  );
}

type KeychainProps = Omit<Props, "keychains"> & { keychain: KeychainSummary };

function Keychain({ projectId, keychain, credentials, canManage }: KeychainProps) {
  const { id, name, path, jobs, lastUsedAt } = keychain;
  const remove = useApi({
    send: () =>
      api("DELETE /api/projects/[project]/keychains/[keychain]", {
        params: { project: projectId, keychain: id },
      }),
    message: "The keychain is deleted.",
  });
  return (
    <Row
      actions={
        canManage ? (
          <>
            <KeychainDialog projectId={projectId} credentials={credentials} keychain={keychain} />
            <Confirm
              trigger={
                <Button variant="outline" size="sm" aria-label={`Delete ${name}`}>
                  Delete
                </Button>
              }
              title={`Delete ${name}?`}
              description={
                jobs === 0
                  ? "No job has it."
                  : `It is ${usedBy(keychain)}. Their steps fail until they get another one, or a credential.`
              }
              action="Delete keychain"
              destructive
              onConfirm={() => remove.mutate(undefined)}
            />
          </>
        ) : null
      }
    >
      <RowName icon={<Waypoints aria-hidden className="text-muted-foreground" />} name={name}>
        <code className="rounded-sm bg-muted px-1.5 font-mono font-normal text-xs [overflow-wrap:anywhere]">
          {path}
        </code>
      </RowName>
      <span className="text-muted-foreground text-xs">
        {keychain.default ? `else ${keychain.default.name}` : "no default: a step without one fails"},{" "}
        {usedBy(keychain)}
        {lastUsedAt ? (
          <>
            , last used <RelativeTime value={lastUsedAt} />
          </>
        ) : (
          ", no use known"
        )}
      </span>
    </Row>
  );
}
