import { isDeepStrictEqual } from "node:util";
import { unstorable } from "@/lib/domain/fields";
import { isStorable } from "@/lib/text";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { Current } from "./current";
import type { ErrorList } from "./errors";
import type { ComplainOf } from "./merge";
import type { Caller, PlanOptions } from "./options";
import { type Item, isInvalid, type Payload } from "./payload";

export type NewLink = { id: string; credentialId: string; name: string };
export type KeychainPlan = {
  id: string;
  name: string;
  path: string;
  defaultProjectCredentialId: string | null;
};

export type CredentialPlan = {
  /** Credentials of the caller that the project is to get. */
  links: NewLink[];
  /** The project's id of each that the document names by another one; null: a person's file names one that nobody has. */
  ids: ReadonlyMap<string, string | null>;
  /** The project's id of each keychain that the document names by another one. */
  keychainIds: ReadonlyMap<string, string>;
  /** Keychains that are to be made, and those that are to be changed. */
  newKeychains: KeychainPlan[];
  changedKeychains: KeychainPlan[];
  warnings: string[];
  /** Says which jobs name a credential or a keychain that the project does not have. */
  check(graph: WorkflowGraph, complain: ComplainOf): void;
};

/** Which credentials and keychains a document names, and which of them the project gets. */
export function planCredentials(
  payload: Payload,
  current: Current,
  caller: Caller,
  options: PlanOptions,
  errors: ErrorList,
): CredentialPlan {
  const links: NewLink[] = [];
  const ids = new Map<string, string | null>();
  const warnings: string[] = [];
  /** Of somebody else: left out, as OpenFn does. */
  const foreign = new Map<string, { name: string; owner: string }>();
  const known = new Set(current.credentials.map(({ id }) => id));
  for (const item of payload.credentials) {
    if (known.has(item.id) || item.isDeletion) continue;
    const { name, owner } = saidOf(item, errors);
    const shared = sharedAs(current, caller, options, name, owner);
    const made = links.find((link) => link.name === name);
    const isOwn = options.isImport || owner.toLowerCase() === caller.email?.toLowerCase();
    const credentialId = isOwn && caller.email !== null ? caller.credentials.get(name) : undefined;
    if (shared) ids.set(item.id, shared.id);
    else if (credentialId && made) ids.set(item.id, made.id);
    else if (credentialId) links.push({ id: item.id, credentialId, name });
    else if (options.isImport) {
      ids.set(item.id, null);
      warnings.push(
        `You have no credential called "${name}". Its jobs come without; choose one for each of them.`,
      );
    } else if (isOwn && caller.email !== null)
      errors.add(["project_credentials", name, "credential"], `No credential found with name ${name}`);
    else foreign.set(item.id, { name, owner });
  }
  const there = new Set([...known, ...links.map(({ id }) => id)]);
  const keychains = planKeychains(
    payload,
    current,
    (id) => (ids.has(id) ? (ids.get(id) ?? null) : id),
    errors,
  );
  const chains = new Set([...current.keychains, ...keychains.newKeychains].map(({ id }) => id));
  return {
    links,
    ids,
    warnings,
    ...keychains,
    check: (graph, complain) => {
      for (const job of graph.jobs) {
        const { projectCredentialId, keychainCredentialId } = job;
        const say = complain("jobs", job);
        if (projectCredentialId !== null && !there.has(projectCredentialId))
          say("project_credential_id", missing(foreign.get(projectCredentialId)));
        if (keychainCredentialId !== null && !chains.has(keychainCredentialId))
          say("keychain_credential_id", "must belong to the same project");
      }
    },
  };
}

const missing = (foreign: { name: string; owner: string } | undefined): string =>
  foreign
    ? `The credential "${foreign.name}" isn't available in this project. Only its owner (${foreign.owner}) can share it with the project.`
    : "This credential isn't available in this project.";

/** One that is shared already answers, whatever id the document has for it. */
function sharedAs(
  { credentials }: Current,
  { credentials: own }: Caller,
  { isImport }: PlanOptions,
  name: string,
  owner: string,
) {
  const named = credentials.filter((one) => one.name === name);
  return (
    named.find((one) => one.owner.toLowerCase() === owner.toLowerCase()) ??
    (isImport ? named.find(({ credentialId }) => credentialId === own.get(name)) : undefined)
  );
}

function saidOf({ raw }: Item, errors: ErrorList): { name: string; owner: string } {
  const text = (field: "name" | "owner") => {
    const value = raw[field];
    if (value !== undefined && value !== null && typeof value !== "string")
      errors.add(["project_credentials", "", field], isInvalid);
    if (!isStorable(value)) errors.add(["project_credentials", "", field], unstorable);
    return typeof value === "string" ? value : "";
  };
  return { name: text("name"), owner: text("owner") };
}

function planKeychains(
  { keychains }: Payload,
  current: Current,
  credentialOf: (id: string) => string | null,
  errors: ErrorList,
): Pick<CredentialPlan, "newKeychains" | "changedKeychains" | "keychainIds"> {
  const keychainIds = new Map<string, string>();
  const newKeychains: KeychainPlan[] = [];
  const changedKeychains: KeychainPlan[] = [];
  for (const { id, raw, isDeletion } of keychains) {
    if (isDeletion) continue;
    const old =
      current.keychains.find((one) => one.id === id) ??
      current.keychains.find((one) => one.name === raw.name);
    if (old) keychainIds.set(id, old.id);
    const text = (field: string, before: string | undefined) => {
      const value = raw[field];
      if (typeof value === "string") return value;
      if (value !== undefined && value !== null)
        errors.add(["keychain_credentials", old?.name ?? "", field], isInvalid);
      return before ?? "";
    };
    const chosen = raw.default_credential_id;
    const wanted = {
      id: old?.id ?? id,
      name: text("name", old?.name),
      path: text("path", old?.path),
      defaultProjectCredentialId:
        chosen === undefined
          ? (old?.defaultProjectCredentialId ?? null)
          : typeof chosen === "string"
            ? credentialOf(chosen.toLowerCase())
            : null,
    };
    if (!old) newKeychains.push(wanted);
    else if (!isDeepStrictEqual(wanted, old)) changedKeychains.push(wanted);
  }
  return { newKeychains, changedKeychains, keychainIds };
}
