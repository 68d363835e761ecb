import path from "node:path";
import { CliFailure } from "@/lib/cli/failure";
import { readText } from "@/lib/cli/files";
import { plain } from "@/lib/cli/plain";
import type { ProjectSpec } from "@/lib/portability/spec";
import { nearest } from "@/lib/settings/nearest.mjs";
import { shippedSpecifiers } from "@/lib/shipped";
import { localProject, projectIfAny } from "./project";

/** A job that is run here. */
export type LocalJob = {
  /** What its state's `errors` name it by. */
  key: string;
  name: string;
  source: string;
  /** With or without a version. */
  adaptor: string;
};

export type Finding = {
  /** Instead of the adaptor that the project names: `http`, or a package with or without a version. */
  adaptor: string | undefined;
  /** Where the project of the folder is looked for, when it is needed. */
  here: Parameters<typeof localProject>[0];
};

/**
 * The job that a person means: a file of code, or a job of the folder's project by its key or name, with its workflow before
 * a slash where two have it. A file that is the body of a job gets that job's adaptor. Throws `CliFailure` that names what
 * there is.
 */
export async function findJob(asked: string, { adaptor, here }: Finding): Promise<LocalJob> {
  const { cwd } = here;
  const isFile = /\.[cm]?js$/.test(asked);
  const source = isFile ? await readText(path.resolve(cwd, asked)) : null;
  if (source !== null) return fileJob(asked, source, adaptor ?? adaptorOf(source, await projectIfAny(here)));
  if (isFile) throw new CliFailure(`File not found: ${path.resolve(cwd, asked)}`, { exitCode: 1 });
  const spec = await localProject(here);
  if (spec === null)
    throw new CliFailure(`There is no job "${asked}": ${cwd} holds no project.`, {
      exitCode: 1,
      next: "Name a file of code (waybill run jobs/a.js), or run this where project.yaml or openfn.yaml is.",
    });
  const { job, key } = jobOf(spec, asked);
  return { key, name: job.name, source: job.body, adaptor: specifierOf(adaptor ?? job.adaptor) };
}

const fileJob = (file: string, source: string, adaptor: string): LocalJob => {
  const key = path.basename(file).replace(/\.[cm]?js$/, "");
  return { key, name: key, source, adaptor: specifierOf(adaptor) };
};

/** The adaptor of the jobs that have this body, where they agree. */
function adaptorOf(source: string, spec: ProjectSpec | null): string {
  const having = jobsOf(spec).filter(({ job }) => job.body === source);
  const [adaptor, ...others] = new Set(having.map(({ job }) => job.adaptor));
  return adaptor !== undefined && others.length === 0 ? adaptor : shippedSpecifiers.common;
}

/** `http` is `@openfn/language-http`, as with OpenFn's command line. */
const specifierOf = (adaptor: string): string =>
  adaptor.startsWith("@") ? adaptor : `@openfn/language-${adaptor}`;

type Found = {
  workflow: string;
  workflowName: string;
  key: string;
  job: ProjectSpec["workflows"][string]["jobs"][string];
};

const jobsOf = (spec: ProjectSpec | null): Found[] =>
  Object.entries(spec?.workflows ?? {}).flatMap(([workflow, { name, jobs }]) =>
    Object.entries(jobs).map(([key, job]) => ({ workflow, workflowName: name, key, job })),
  );

function jobOf(spec: ProjectSpec, asked: string): Found {
  const all = jobsOf(spec);
  const wanted = plain(asked);
  const names = ({ workflow, workflowName, key, job }: Found): string[] => [
    ...[key, job.name].map(plain),
    ...[workflow, workflowName].flatMap((w) => [key, job.name].map((j) => `${plain(w)}/${plain(j)}`)),
  ];
  const [found, ...others] = all.filter((one) => names(one).includes(wanted));
  if (found && others.length === 0) return found;
  const places = (jobs: Found[]) => jobs.map(({ workflow, key }) => `${workflow}/${key}`);
  if (found)
    throw new CliFailure(`More than one job is called "${asked}".`, {
      exitCode: 1,
      next: `Say which: ${places([found, ...others]).join(", ")}.`,
    });
  const guess = nearest(asked, [...places(all), ...all.map(({ key }) => key)]);
  const listed = places(all).slice(0, 20);
  throw new CliFailure(`There is no job "${asked}" in ${spec.name}.`, {
    exitCode: 1,
    next: guess
      ? `Is it ${guess}?`
      : listed.length > 0
        ? `There are: ${listed.join(", ")}${all.length > listed.length ? " …" : ""}.`
        : "It has no jobs.",
  });
}
