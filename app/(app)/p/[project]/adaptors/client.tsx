"use client";
import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useQueryState } from "nuqs";
import { fieldsOf } from "@/components/account/credential-schema";
import { Nothing, Row, Section } from "@/components/account/section";
import { withQuery } from "@/components/api";
import { codeParts } from "@/components/code/code-parts";
import { Badge } from "@/components/ui/badge";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { AdaptorDetail } from "@/lib/domain/adaptor/get";
import type { AdaptorSummary, AdaptorVersion } from "@/lib/domain/adaptor/list";
import type { AdaptorUse } from "@/lib/domain/adaptor/usage";
import type { AdaptorOperation } from "@/lib/runner/contract";
import { operationText } from "./search-params";
import { UpgradeDialog } from "./upgrade-dialog";

const usesOf = (versions: AdaptorVersion[]) => versions.reduce((sum, { uses }) => sum + uses, 0);
const countJobs = (count: number) =>
  count === 0 ? "used by no job" : count === 1 ? "used by 1 job" : `used by ${count} jobs`;

type ListProps = { projectId: string; items: AdaptorSummary[]; shown: string | undefined };

export function AdaptorList({ projectId, items, shown }: ListProps) {
  return (
    <nav aria-label="Adaptors" className="overflow-hidden rounded-lg border bg-card">
      <ul>
        {items.map(({ name, versions }) => (
          <li key={name} className="border-b last:border-b-0">
            <Link
              href={withQuery(`/p/${projectId}/adaptors`, { name })}
              aria-current={name === shown ? "true" : undefined}
              className="grid gap-0.5 px-4 py-2.5 hover:bg-muted focus-visible:-outline-offset-2 aria-[current]:bg-muted"
            >
              <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
              <span className="text-muted-foreground text-xs">
                {versions.map(({ version }) => version).join(", ")}, {countJobs(usesOf(versions))}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Jobs whose adaptor cannot be had. Nothing where there are none. */
export function MarkedJobs({ projectId, jobs }: { projectId: string; jobs: AdaptorUse[] }) {
  if (jobs.length === 0) return null;
  return (
    <Section
      title="Jobs that cannot run"
      description="There was no adaptor as they name it when their workflow was saved. Open each, and choose another one."
      flush
      className="mb-5"
    >
      <ul>
        {jobs.map(({ jobId, jobName, workflowId, workflowName, adaptor }) => (
          <Row key={jobId}>
            <Link href={`/p/${projectId}/workflows/${workflowId}?node=${jobId}`} className="underline">
              {workflowName}: {jobName}
            </Link>
            <code className="font-mono text-[13px] [overflow-wrap:anywhere]">{adaptor}</code>
          </Row>
        ))}
      </ul>
    </Section>
  );
}

type PanelProps = { projectId: string; adaptor: AdaptorDetail; canUpgrade: boolean };

/** One version of an adaptor: who uses it, what it can do, what it wants to know. */
export function AdaptorPanel({ projectId, adaptor, canUpgrade }: PanelProps) {
  const { name, version, versions, overrides, isBuilt } = adaptor;
  return (
    <div className="grid min-w-0 gap-5">
      <Section
        title={`${name} ${version}`}
        description={
          isBuilt ? undefined : "Not built here yet: the first step that uses this version builds it."
        }
        flush
        action={
          canUpgrade && usesOf(versions) > 0 ? <UpgradeDialog projectId={projectId} name={name} /> : null
        }
      >
        {overrides ? <OverrideNotice overrides={overrides} /> : null}
        <ul>
          {versions.map((one) => (
            <VersionRow key={one.version} projectId={projectId} name={name} shown={version} version={one} />
          ))}
        </ul>
      </Section>
      {isBuilt ? <Operations adaptor={adaptor} /> : null}
      {isBuilt ? <CredentialSchema schema={adaptor.credentialSchema} /> : null}
    </div>
  );
}

function OverrideNotice({ overrides }: { overrides: Record<string, string> }) {
  const replaced = Object.entries(overrides).map(([name, version]) => `${name} ${version}`);
  return (
    <p data-status="rejected" className="flex items-start gap-2 border-b px-4 py-3">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-(--status)" />
      <span>
        It could not be installed as it was published. It runs with {replaced.join(" and ")} in place of what
        it asks for.
      </span>
    </p>
  );
}

type VersionProps = { projectId: string; name: string; shown: string; version: AdaptorVersion };

function VersionRow({ projectId, name, shown, version: { version, uses, jobs } }: VersionProps) {
  return (
    <Row>
      <span className="flex flex-wrap items-center gap-2">
        <Link
          href={withQuery(`/p/${projectId}/adaptors`, { name, version })}
          aria-current={version === shown ? "true" : undefined}
          className="nums font-medium underline decoration-input underline-offset-3 hover:decoration-current"
        >
          {version}
        </Link>
        {version === shown ? <Badge>shown</Badge> : null}
      </span>
      <span className="text-muted-foreground text-xs">
        {uses === 0 ? "used by no job of this project" : "used by "}
        {jobs.map(({ jobId, jobName, workflowId, workflowName }, index) => (
          <span key={jobId}>
            {index > 0 ? ", " : null}
            <Link href={`/p/${projectId}/workflows/${workflowId}?node=${jobId}`} className="underline">
              {workflowName}: {jobName}
            </Link>
          </span>
        ))}
        {uses > jobs.length ? ` and ${uses - jobs.length} more` : null}
      </span>
    </Row>
  );
}

function Operations({ adaptor: { documented, undocumented } }: { adaptor: AdaptorDetail }) {
  const [text, setText] = useQueryState("text", operationText);
  const wanted = text.trim().toLowerCase();
  const found = documented.filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(wanted),
  );
  const others = undocumented.filter((name) => name.toLowerCase().includes(wanted));
  return (
    <Section
      title="Operations"
      description="What a job's code can call without importing anything."
      flush
      action={
        <Field label="Search operations" hideLabel className="w-56 max-sm:w-full">
          <Input
            type="search"
            value={text}
            onChange={(event) => void setText(event.target.value || null)}
            placeholder="Search operations"
          />
        </Field>
      }
    >
      {found.length + others.length === 0 ? <Nothing>No operation matches. Search for less.</Nothing> : null}
      <ul>
        {found.map((operation) => (
          <OperationRow key={operation.name} operation={operation} />
        ))}
      </ul>
      {others.length > 0 ? (
        <p className="border-t px-4 py-3 text-muted-foreground text-xs [overflow-wrap:anywhere]">
          Exported without documentation: <span className="font-mono">{others.join(", ")}</span>
        </p>
      ) : null}
    </Section>
  );
}

const WithCode = ({ text }: { text: string }) =>
  codeParts(text).map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text, in their order
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  );

function OperationRow({ operation }: { operation: AdaptorOperation }) {
  const { name, description, params, examples } = operation;
  return (
    <li className="border-b last:border-b-0">
      <details>
        <summary className="cursor-pointer px-4 py-2.5 font-mono text-[13px] [overflow-wrap:anywhere] hover:bg-muted focus-visible:-outline-offset-2">
          {name}({params.map((param) => param.name).join(", ")})
        </summary>
        <div className="grid gap-3 px-4 pt-1 pb-4">
          <p className="max-w-prose whitespace-pre-line leading-relaxed">
            <WithCode text={description || "The adaptor says nothing about it."} />
          </p>
          {params.length > 0 ? (
            <dl className="grid gap-2">
              {params.map((param) => (
                <div key={param.name}>
                  <dt className="font-mono text-[13px]">{param.name}</dt>
                  <dd className="max-w-prose text-muted-foreground">
                    <WithCode text={param.description || "no description"} />
                  </dd>
                </div>
              ))}
            </dl>
          ) : null}
          {examples.map(({ caption, code }) => (
            <figure key={code} className="grid max-w-prose gap-1">
              <figcaption className="text-muted-foreground text-xs">{caption || "Example"}</figcaption>
              <pre className="overflow-x-auto whitespace-pre-wrap rounded-md border bg-muted px-3 py-2 font-mono text-xs [overflow-wrap:anywhere]">
                {code}
              </pre>
            </figure>
          ))}
        </div>
      </details>
    </li>
  );
}

function CredentialSchema({ schema }: { schema: unknown }) {
  const fields = fieldsOf(schema);
  return (
    <Section title="Credential" description="What a credential for it holds." flush>
      {fields.length === 0 ? <Nothing>It describes no credential. Write one as JSON.</Nothing> : null}
      <ul>
        {fields.map(({ name, kind, label, description, required }) => (
          <Row key={name}>
            <span className="flex flex-wrap items-center gap-2">
              <code className="font-mono text-[13px]">{name}</code>
              <Badge>{kind}</Badge>
              {required ? <Badge>required</Badge> : null}
            </span>
            <span className="text-muted-foreground text-xs">{description ?? label}</span>
          </Row>
        ))}
      </ul>
    </Section>
  );
}
