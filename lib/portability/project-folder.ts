import type { JobSpec, ProjectSpec } from "./spec";
import { stringifySpec } from "./stringify";

/** Every system takes names as long as this, and paths of two of them. */
const maxNameChars = 80;

/**
 * A project as the files of a folder: project.yaml, and the code of each job in `workflows/<workflow>/<job>.js`. What
 * `openFiles` reads of it is the same spec.
 */
export function toFolder(spec: ProjectSpec): Record<string, string> {
  const paths = new Map<JobSpec, string>();
  const files: Record<string, string> = {};
  const folderOf = namer();
  for (const [key, { jobs }] of Object.entries(spec.workflows)) {
    const folder = folderOf(key);
    const fileOf = namer();
    for (const [jobKey, job] of Object.entries(jobs)) {
      const path = `workflows/${folder}/${fileOf(jobKey)}.js`;
      paths.set(job, `./${path}`);
      files[path] = job.body;
    }
  }
  return { "project.yaml": stringifySpec(spec, paths), ...files };
}

/** Windows has devices of these names, whatever the ending. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** Makes names of files from keys: such as every system takes, each another one where capitals do not count, too. */
function namer(): (key: string) => string {
  const taken = new Set<string>();
  return (key) => {
    const plain = key
      .normalize("NFC")
      .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "-")
      .replace(/^-+|-+$/g, "");
    const name = [...plain].slice(0, maxNameChars).join("");
    const base = name === "" || devices.test(name) ? `${name || "unnamed"}-1` : name;
    let unique = base;
    for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${base}-${n}`;
    taken.add(unique.toLowerCase());
    return unique;
  };
}
