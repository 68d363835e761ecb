import { Download, FileCode2, FileUp } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { apiPath, withQuery } from "@/components/api";
import { Editor } from "@/components/code/editor";
import { Prose } from "@/components/docs/prose";
import { DriftNotice } from "@/components/spec/drift-notice";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { EmptyState } from "@/components/ui/empty-state";
import { formatCount } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import type { Context } from "@/lib/domain/context";
import { getDrift } from "@/lib/domain/drift/get";
import { may } from "@/lib/domain/permissions";
import { getSpecYaml } from "@/lib/domain/provision/get";
import { Refusal } from "@/lib/refusal";

export const metadata: Metadata = { title: "Code" };

type Props = { params: Promise<{ project: string }> };

/** More is not shown on a page: a download has it all. */
const maxShownChars = 500_000;

const downloads = [
  { format: "yaml", label: "project.yaml", hint: "What `openfn pull` writes" },
  { format: "zip", label: "ZIP, code in files", hint: "A folder for each workflow, a file for each job" },
  { format: "state", label: "ZIP with state", hint: "To go on with `openfn deploy` from there" },
  {
    format: "v2",
    label: "ZIP, OpenFn v2",
    hint: "For `openfn project`: openfn.yaml and a file for each workflow",
  },
] as const;

/** The project as the files that a repository holds. */
export default async function CodePage({ params }: Props) {
  const ctx = await pageProject((await params).project);
  const projectId = ctx.project.id;
  const [{ yaml, problem }, drift] = await Promise.all([yamlOf(ctx), getDrift(ctx)]);
  const shown = yaml.length > maxShownChars ? yaml.slice(0, yaml.lastIndexOf("\n", maxShownChars) + 1) : yaml;
  return (
    <>
      <PageHeader
        title="Code"
        description="The project as the files that OpenFn's tools, and ours, read and write."
        actions={
          may(ctx, "project.provision") ? (
            <Button asChild>
              <Link href={`/p/${projectId}/code/import`}>
                <FileUp aria-hidden /> Import files
              </Link>
            </Button>
          ) : null
        }
      />
      <DriftNotice projectId={projectId} drift={drift} />
      {problem === null ? (
        <Files projectId={projectId} yaml={yaml} shown={shown} />
      ) : (
        <EmptyState
          icon={<FileCode2 />}
          title="It cannot be written as files"
          action={
            <Button asChild variant="outline">
              <Link href={`/p/${projectId}/workflows`}>Workflows of the project</Link>
            </Button>
          }
        >
          {problem}
        </EmptyState>
      )}
    </>
  );
}

function Files({ projectId, yaml, shown }: { projectId: string; yaml: string; shown: string }) {
  return (
    <>
      <section aria-labelledby="download" className="mb-4 grid gap-2">
        <h2 id="download" className="font-semibold text-[15px]">
          Download
        </h2>
        <ul className="grid gap-2 sm:grid-cols-2 xl:grid-cols-4">
          {downloads.map(({ format, label, hint }) => (
            <li key={format} className="grid content-start justify-items-start gap-1">
              <Button asChild variant="outline">
                <a
                  href={withQuery(apiPath("/api/projects/[project]/spec", { project: projectId }), {
                    format,
                  })}
                  download
                >
                  <Download aria-hidden /> {label}
                </a>
              </Button>
              <p className="text-muted-foreground text-xs">
                <Prose text={hint} />
              </p>
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="yaml" className="grid gap-2">
        <div className="flex flex-wrap items-end justify-between gap-2">
          <h2 id="yaml" className="font-semibold text-[15px]">
            project.yaml
          </h2>
          <CopyButton text={shown} label="Copy project.yaml">
            Copy
          </CopyButton>
        </div>
        {shown.length < yaml.length ? (
          <p className="text-muted-foreground">
            The first {formatCount(shown.split("\n").length - 1, "line")} are shown and copied. The download
            has all of it.
          </p>
        ) : null}
        <div className="overflow-hidden rounded-lg border">
          <Editor value={shown} language="yaml" readOnly label="project.yaml" height="min(70vh, 48rem)" />
        </div>
      </section>
    </>
  );
}

/** Or why there is none: names whose keys would be the same. */
async function yamlOf(ctx: Context): Promise<{ yaml: string; problem: string | null }> {
  try {
    return { yaml: await getSpecYaml(ctx), problem: null };
  } catch (error) {
    if (error instanceof Refusal && error.code === "conflict") return { yaml: "", problem: error.message };
    throw error;
  }
}
