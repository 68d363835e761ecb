/** `@openfn/language-http@latest` without what follows the name. */
export function adaptorName(adaptor: string): string {
  const at = adaptor.indexOf("@", 1);
  return at < 0 ? adaptor : adaptor.slice(0, at);
}

/** What is said of a job that cannot run, because there is no version that it could be pinned to. */
export const missingAdaptor = ({ name, adaptor }: { name: string; adaptor: string }): string =>
  `${name} cannot run: its adaptor ${adaptor} could not be had when the workflow was saved. Choose another one on the workflow's page, then rerun this job.`;
