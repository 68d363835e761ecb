import type { Metadata } from "next";
import { apiDocument } from "@/app/api/document";
import { OpenTarget } from "@/components/docs/open-target";
import { OperationView } from "@/components/docs/operation-view";
import { Prose } from "@/components/docs/prose";
import { SchemaView } from "@/components/docs/schema-view";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import type { OpenApi, Operation } from "@/lib/http/openapi-types";

export const metadata: Metadata = {
  title: "API",
  description: "Every route: who may call it, what it takes, what it answers.",
};
export const dynamic = "force-dynamic";

type Listed = { method: string; path: string; operation: Operation };

/** The API's document for people. */
export default async function ApiPage() {
  const document = await apiDocument();
  const groups = grouped(document);
  return (
    <>
      <div className="grid gap-8 lg:grid-cols-[12rem_minmax(0,1fr)]">
        <Contents groups={groups} />
        <div className="grid min-w-0 content-start gap-8">
          <div>
            <PageHeader
              title="API"
              actions={
                <Button asChild variant="outline">
                  <a href="/api/openapi.json">OpenAPI document</a>
                </Button>
              }
            />
            <p className="max-w-prose leading-relaxed">
              <Prose text={document.info.description} />
            </p>
          </div>
          {groups.map(({ name, description, operations }) => (
            <section key={name} id={anchor(name)} aria-label={name}>
              <h2 className="font-semibold text-[17px]">{name}</h2>
              <p className="mb-2 max-w-prose text-muted-foreground">{description}</p>
              <Card className="overflow-hidden">
                {operations.map((listed) => (
                  <OperationView key={listed.operation.operationId} document={document} {...listed} />
                ))}
              </Card>
            </section>
          ))}
          <Errors document={document} />
          <Schemas document={document} />
        </div>
      </div>
      <OpenTarget />
    </>
  );
}

const anchor = (name: string) => name.toLowerCase().replaceAll(" ", "-");

function grouped(document: OpenApi): { name: string; description: string; operations: Listed[] }[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Listed => ({ path, method, operation })),
  );
  return document.tags.map((tag) => ({
    ...tag,
    operations: all.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
}

function Contents({ groups }: { groups: { name: string }[] }) {
  const entries = [
    ...groups.map(({ name }) => [anchor(name), name]),
    ["errors", "Errors"],
    ["schemas", "Schemas"],
  ] as const;
  return (
    <nav aria-label="Contents" className="lg:sticky lg:top-20 lg:self-start">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 lg:grid">
        {entries.map(([id, name]) => (
          <li key={id}>
            <a
              href={`#${id}`}
              className="block rounded-md py-1 text-muted-foreground hover:text-foreground hover:underline"
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Errors({ document }: { document: OpenApi }) {
  return (
    <section id="errors" aria-label="Errors">
      <h2 className="font-semibold text-[17px]">Errors</h2>
      <p className="mb-2 max-w-prose text-muted-foreground">What each code means; a route lists its own.</p>
      <Card className="px-4 py-1.5">
        <dl className="divide-y divide-border/60">
          {Object.entries(document.components.responses).map(([code, { description }]) => (
            <div key={code} id={`error-${code}`} className="grid gap-x-4 py-1.5 sm:grid-cols-[9rem_1fr]">
              <dt className="font-medium font-mono text-xs leading-5">{code}</dt>
              <dd>
                <Prose text={description} />
              </dd>
            </div>
          ))}
        </dl>
      </Card>
    </section>
  );
}

function Schemas({ document }: { document: OpenApi }) {
  return (
    <section id="schemas" aria-label="Schemas">
      <h2 className="font-semibold text-[17px]">Schemas</h2>
      <p className="mb-2 max-w-prose text-muted-foreground">What answers are made of.</p>
      <Card className="overflow-hidden">
        {Object.entries(document.components.schemas).map(([name, schema]) => (
          <details key={name} id={`schema-${name}`} className="border-b last:border-b-0">
            <summary className="px-4 py-2.5 hover:bg-muted/50">
              <h3 className="inline font-mono text-[13px]">{name}</h3>
            </summary>
            <div className="border-t bg-background px-4 py-3">
              <SchemaView schema={schema} />
            </div>
          </details>
        ))}
      </Card>
    </section>
  );
}
