import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { CopyButton } from "@/components/ui/copy-button";
import type { JsonSchema, OpenApi, Operation, ResponseObject } from "@/lib/http/openapi-types";
import { curlOf, nameOf } from "./example";
import { Prose } from "./prose";
import { FieldLine, SchemaView, shapesOf } from "./schema-view";

const colours: Record<string, string> = {
  get: "running",
  post: "success",
  put: "killed",
  patch: "rejected",
  delete: "failed",
};

/** The method in its colour; always a word, too. */
export function MethodWord({ method }: { method: string }) {
  return (
    <span
      data-status={colours[method]}
      className="mt-px inline-block w-15 shrink-0 self-start rounded-sm border border-(--status-line) bg-(--status-soft) py-px text-center font-mono font-semibold text-(--status) text-2xs uppercase"
    >
      {method}
    </span>
  );
}

type Props = { document: OpenApi; method: string; path: string; operation: Operation };

/** One operation: a line, and all that is to be known when it is opened. */
export function OperationView({ document, method, path, operation }: Props) {
  const { components, servers } = document;
  const curl = curlOf(servers[0]?.url ?? "", method, path, operation, components.schemas);
  const body = operation.requestBody?.content["application/json"]?.schema;
  return (
    <details id={operation.operationId} className="border-b last:border-b-0">
      <summary className="grid cursor-pointer list-none gap-x-3 gap-y-1 px-4 py-3 hover:bg-muted/50 sm:grid-cols-[auto_1fr] [&::-webkit-details-marker]:hidden">
        <MethodWord method={method} />
        <div className="min-w-0">
          <h3 className="break-all font-mono text-[13px]">{path}</h3>
          <p className="text-muted-foreground">
            <Prose text={operation.summary} />
          </p>
        </div>
      </summary>
      <div className="grid gap-5 border-t bg-background px-4 py-4 lg:grid-cols-2">
        <div className="grid min-w-0 content-start gap-5">
          <Part title="Who may">
            <Access operation={operation} />
          </Part>
          {operation.parameters ? (
            <Part title="Parameters">
              <ul className="divide-y divide-border/60">
                {operation.parameters.map(({ name, in: where, schema, required, description }) => (
                  <FieldLine
                    key={`${where} ${name}`}
                    name={where === "path" ? `{${name}}` : name}
                    schema={schema}
                    isRequired={required}
                    description={description}
                  />
                ))}
              </ul>
            </Part>
          ) : null}
          {operation.requestBody ? (
            <Part title="Body">{body ? <Body schema={body} /> : <p>Any bytes, of any content type.</p>}</Part>
          ) : null}
        </div>
        <div className="grid min-w-0 content-start gap-5">
          <Part title="Try it">
            <div className="relative">
              <section
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
                tabIndex={0}
                aria-label={`curl for ${method.toUpperCase()} ${path}`}
                className="overflow-x-auto rounded-md border bg-card p-3 pr-12"
              >
                <pre className="font-mono text-xs leading-relaxed">{curl}</pre>
              </section>
              <CopyButton text={curl} label="Copy the curl line" className="absolute top-1.5 right-1.5" />
            </div>
          </Part>
          <Part title="Answers">
            <Answers responses={operation.responses} />
          </Part>
        </div>
      </div>
    </details>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="min-w-0">
      <h4 className="caption mb-1">{title}</h4>
      {children}
    </section>
  );
}

function Access({ operation }: { operation: Operation }) {
  const roles = operation["x-roles"];
  if (roles)
    return (
      <p className="flex flex-wrap items-center gap-1.5">
        {roles.map((role) => (
          <Badge key={role}>{role}</Badge>
        ))}
        <span className="text-muted-foreground text-xs">
          permission <code className="font-mono">{operation["x-permission"]}</code>,{" "}
          <TokenScope operation={operation} />
        </span>
      </p>
    );
  if (operation.security.some((one) => "senderKey" in one))
    return <p>Anybody who knows the URL, or whom its sender checks let through.</p>;
  if (operation.security.length === 0) return <p>Anybody.</p>;
  return (
    <p>
      Whoever is signed in; <TokenScope operation={operation} />.
    </p>
  );
}

/** What an API token needs to call it. */
function TokenScope({ operation }: { operation: Operation }) {
  const [scope] = operation.security.flatMap((one) => one.token ?? []);
  if (!scope) return <>no API token</>;
  return (
    <>
      token scope <code className="font-mono">{scope}</code>
    </>
  );
}

function Body({ schema }: { schema: JsonSchema }) {
  const shapes = shapesOf(schema);
  if (!shapes) return <SchemaView schema={schema} />;
  return (
    <div className="grid gap-2">
      {shapes.map((shape, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: shapes have no other name and never move.
        <div key={index}>
          {index > 0 ? <p className="text-muted-foreground text-xs">or</p> : null}
          <SchemaView schema={shape} />
        </div>
      ))}
    </div>
  );
}

function Answers({ responses }: Pick<Operation, "responses">) {
  const own = Object.entries(responses).filter(([, one]) => !("$ref" in one));
  const refusals = Object.entries(responses).filter(([, one]) => "$ref" in one);
  return (
    <div className="grid gap-3">
      {own.map(([status, one]) => (
        <Answer key={status} status={status} response={one} />
      ))}
      {refusals.length > 0 ? (
        <ul className="nums flex flex-wrap gap-x-3 gap-y-1 font-mono text-xs">
          {refusals.map(([status, one]) => {
            const code = "$ref" in one ? nameOf(one.$ref) : "";
            return (
              <li key={status}>
                <a
                  href={`#error-${code}`}
                  className="text-muted-foreground underline-offset-2 hover:underline"
                >
                  {status} {code}
                </a>
              </li>
            );
          })}
        </ul>
      ) : null}
    </div>
  );
}

function Answer({ status, response }: { status: string; response: ResponseObject }) {
  if ("$ref" in response) return null;
  const [[type, content] = [undefined, undefined]] = Object.entries(response.content ?? {});
  return (
    <div>
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="nums font-medium font-mono text-xs">{status}</span>
        <span>{response.description}</span>
        {type && type !== "application/json" ? <code className="font-mono text-xs">{type}</code> : null}
      </p>
      {content?.schema ? <SchemaView schema={content.schema} /> : null}
    </div>
  );
}
