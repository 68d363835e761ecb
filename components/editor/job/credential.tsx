"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CredentialDialog } from "@/components/account/credential-dialog";
import { ShareMenu } from "@/components/account/share-menu";
import { api } from "@/components/api";
import { EditorField, useFieldProblem } from "@/components/editor/editor-field";
import { useEditorPlace, useEditorStore } from "@/components/editor/store";
import { shownHosts } from "@/components/hosts-field";
import { ConnectDialog } from "@/components/oauth/connect-dialog";
import {
  Select,
  SelectContent,
  SelectGroup,
  SelectItem,
  SelectLabel,
  SelectTrigger,
  SelectValue,
} from "@/components/ui/select";
import { useApi } from "@/components/use-api";
import { setJob } from "@/lib/editor/edits";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftJob } from "@/lib/editor/graph";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import { type Credential, groupsOf, type Keychain } from "./credential-groups";

const none = "none";

/** What the job signs in with: a credential of the project, a keychain, or a new one that is made in place. */
export function JobCredential({ job }: { job: DraftJob }) {
  const store = useEditorStore();
  const { projectId } = useEditorPlace();
  const client = useQueryClient();
  const { credentials, keychains, error } = useChoices(projectId);
  const keychainProblem = useFieldProblem(job.id, "keychainCredentialId");
  const name = adaptorName(job.adaptor);
  const groups = groupsOf(credentials, keychains, name);
  const value = job.keychainCredentialId ?? job.projectCredentialId ?? none;
  const isKeychain = (id: string) => keychains.some((one) => one.id === id);
  const choose = (id: string) =>
    store.edit(
      setJob(job.id, {
        projectCredentialId: id === none || isKeychain(id) ? null : id,
        keychainCredentialId: isKeychain(id) ? id : null,
      }),
    );
  const made = async (id: string) => {
    await client.invalidateQueries({ queryKey: ["project-credentials", projectId] });
    store.edit(setJob(job.id, { projectCredentialId: id, keychainCredentialId: null }));
  };
  const isKnown = value === none || groups.some(({ items }) => items.some((item) => item.id === value));
  return (
    <div id={fieldId(job.id, "keychainCredentialId")} className="grid grid-cols-1 gap-2">
      <EditorField
        itemId={job.id}
        field="projectCredentialId"
        label="Credential"
        hint={hostWords(value, credentials, keychains)}
        error={keychainProblem ?? error}
      >
        <Select value={value} onValueChange={choose}>
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            <SelectItem value={none}>None: it signs in nowhere</SelectItem>
            {isKnown ? null : <SelectItem value={value}>One that is not here any more</SelectItem>}
            {groups.map(({ title, items }) => (
              <SelectGroup key={title}>
                <SelectLabel>{title}</SelectLabel>
                {items.map((item) => (
                  <SelectItem key={item.id} value={item.id}>
                    {item.words}
                  </SelectItem>
                ))}
              </SelectGroup>
            ))}
          </SelectContent>
        </Select>
      </EditorField>
      <div className="flex flex-wrap gap-2">
        <CredentialDialog shareWith={projectId} madeFor={name} isSmall onShared={(id) => void made(id)} />
        <ShareOwn projectId={projectId} onShared={(id) => void made(id)} />
        <Connect projectId={projectId} />
      </div>
    </div>
  );
}

/** What is this person's own and the project does not have yet. Its jobs, whoever writes them, can use it from then on. */
function ShareOwn({ projectId, onShared }: { projectId: string; onShared: (id: string) => void }) {
  const client = useQueryClient();
  const queryKey = ["own-credentials"];
  const { data } = useQuery({
    queryKey,
    queryFn: ({ signal }) => api("GET /api/account/credentials", { query: { limit: 200 }, signal }),
    staleTime: 30_000,
  });
  const share = useApi({
    send: (credentialId: string) =>
      api("POST /api/projects/[project]/credentials", {
        params: { project: projectId },
        body: { credentialId },
      }),
    message: "The project's jobs can use it now. This one does.",
    done: ({ id }) => {
      void client.invalidateQueries({ queryKey });
      onShared(id);
    },
    isRefreshed: false,
  });
  const mine = (data?.items ?? []).filter(({ projects }) => projects.every(({ id }) => id !== projectId));
  return mine.length > 0 ? (
    <ShareMenu
      mine={mine}
      label="Use one of yours in this project"
      isSmall
      onShare={(id) => share.mutate(id)}
      isBusy={share.isPending}
    />
  ) : null;
}

/** A credential that a service's own page gives out, where this person has a client of one. */
function Connect({ projectId }: { projectId: string }) {
  const { data } = useQuery({
    queryKey: ["oauth-clients"],
    queryFn: ({ signal }) => api("GET /api/account/oauth-clients", { query: { limit: 200 }, signal }),
    staleTime: 60_000,
  });
  const clients = data?.items ?? [];
  return clients.length > 0 ? <ConnectDialog clients={clients} shareWith={projectId} /> : null;
}

function useChoices(projectId: string): {
  credentials: Credential[];
  keychains: Keychain[];
  error: string | null;
} {
  const given = { params: { project: projectId }, query: { limit: 200 } };
  const credentials = useQuery({
    queryKey: ["project-credentials", projectId],
    queryFn: ({ signal }) => api("GET /api/projects/[project]/credentials", { ...given, signal }),
    staleTime: 30_000,
  });
  const keychains = useQuery({
    queryKey: ["project-keychains", projectId],
    queryFn: ({ signal }) => api("GET /api/projects/[project]/keychains", { ...given, signal }),
    staleTime: 30_000,
  });
  return {
    credentials: credentials.data?.items ?? [],
    keychains: keychains.data?.items ?? [],
    error: credentials.error?.message ?? keychains.error?.message ?? null,
  };
}

/** Where what is chosen may be sent, in a sentence. */
function hostWords(value: string, credentials: Credential[], keychains: Keychain[]): string {
  const keychain = keychains.find((one) => one.id === value);
  if (keychain) return `Each step's input names the credential at ${keychain.path}.`;
  const credential = credentials.find((one) => one.id === value);
  if (!credential) return "The code gets it as state.configuration; its values are masked in logs.";
  return credential.allowedHosts
    ? `It may be sent to ${shownHosts(credential.allowedHosts)} only, so the job connects to nothing else.`
    : "It may be sent to any host that the project allows.";
}
