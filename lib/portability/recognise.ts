import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";

/** How a file of another kind is known, and what is said of it. */
type Kind = { is: (file: Top) => boolean; said: string };

/** The top of a file: its keys, and what stands under them. */
class Top {
  constructor(readonly map: YAMLMap) {}

  has = (...keys: string[]): boolean => keys.every((key) => this.map.has(key));
  list = (key: string): readonly unknown[] | null => {
    const node = this.map.get(key, true);
    return isSeq(node) ? node.items : null;
  };
  isMap = (key: string): boolean => isMap(this.map.get(key, true));
  /** The first item of a list or a map of maps. */
  first = (key: string): YAMLMap | null => {
    const node = this.map.get(key, true);
    const item = isSeq(node) ? node.items[0] : isMap(node) ? node.items[0]?.value : null;
    return isMap(item) ? item : null;
  };
}

const project = "What is imported here is OpenFn's project.yaml: name, credentials, workflows.";
const cli = "Run `openfn pull` for the project.yaml, and import that.";

/** From the most to the least particular. Anything with a map of `workflows` is taken for a project. */
const kinds: readonly Kind[] = [
  {
    is: (top) => isMap(top.map.get("data", true)) && (top.first("data") !== null || hasWorkflows(top)),
    said: `This is what OpenFn's API answers, not a file for import. ${cli}`,
  },
  {
    is: (top) => !top.has("workflows") && (top.has("specPath") || top.has("statePath")),
    said: "This is the configuration of OpenFn's CLI, which says where a project's files are. Add those.",
  },
  {
    is: (top) => top.isMap("project") && (top.has("workspace") || !top.has("workflows")),
    said: `This is openfn.yaml, which says where a project's files are. ${cli}`,
  },
  {
    is: (top) => top.list("workflows") !== null && (top.first("workflows")?.has("steps") ?? false),
    said: `This is a project in OpenFn's portability format v2, whose workflows are a list of steps. It cannot be read yet. ${cli}`,
  },
  {
    is: (top) => top.list("workflows") !== null && (top.first("workflows")?.has("jobs") ?? false),
    said: `This is a project as OpenFn's API has it, with lists instead of maps. ${cli}`,
  },
  {
    is: (top) => top.isMap("workflows") && isState(top),
    said: "This is the state file that OpenFn's CLI keeps beside project.yaml. Import project.yaml itself.",
  },
  {
    is: (top) => !top.has("workflows") && top.list("nodes") !== null && top.has("connections"),
    said: `This is a workflow of n8n. Its nodes have no counterpart that could be imported: make a job for each. ${project}`,
  },
  {
    is: (top) => !top.has("workflows") && top.list("flow") !== null,
    said: `This is a blueprint of Make. Its modules have no counterpart that could be imported: make a job for each. ${project}`,
  },
  {
    is: (top) => top.has("version", "jobs", "workflows"),
    said: `This is a configuration of CircleCI. ${project}`,
  },
  {
    is: (top) => top.has("apiVersion", "kind"),
    said: `This is a manifest of Kubernetes. ${project}`,
  },
  {
    is: (top) => !top.has("workflows") && top.isMap("services"),
    said: `This is a file of Docker Compose. ${project}`,
  },
  {
    is: (top) => !top.has("workflows") && top.has("on", "jobs"),
    said: `This is a workflow of GitHub Actions. ${project}`,
  },
  {
    is: (top) => top.has("openapi") || top.has("swagger"),
    said: `This is a description of an API (OpenAPI). ${project}`,
  },
  {
    is: (top) =>
      !top.has("workflows") && ["dependencies", "devDependencies", "scripts"].some((key) => top.isMap(key)),
    said: `This is a package.json. ${project}`,
  },
  {
    is: (top) => !top.has("workflows") && top.list("steps") !== null,
    said: `This is one workflow in OpenFn's portability format v2, a list of steps. It cannot be read yet. ${cli}`,
  },
  {
    is: (top) => !top.has("workflows") && ["jobs", "triggers", "edges"].some((key) => top.has(key)),
    said: "This is one workflow, not a project. Put it under `workflows:` and a key of its own, indented, and give the project a name.",
  },
  {
    is: (top) => !top.has("workflows") && top.has("resourceType"),
    said: `This is a FHIR resource: data, which is sent to an inbox. ${project}`,
  },
];

const hasWorkflows = (top: Top): boolean => {
  const data = top.map.get("data", true);
  return isMap(data) && data.has("workflows");
};

/** Only the state file has maps of edges that name ids. */
function isState(top: Top): boolean {
  const edges = top.first("workflows")?.get("edges", true);
  if (!isMap(edges)) return false;
  const [edge] = edges.items;
  return isMap(edge?.value) && edge.value.has("target_job_id") && !edge.value.has("target_job");
}

/** What a file is that is no project.yaml and what to do with it, or null for a project or for what nobody knows. */
export function otherKind(root: Node | null): string | null {
  if (isSeq(root)) {
    const [first] = root.items;
    return isMap(first) && first.has("wires")
      ? `This is a flow of Node-RED. Its nodes have no counterpart that could be imported: make a job for each. ${project}`
      : null;
  }
  if (isScalar(root) || !isMap(root)) return null;
  const top = new Top(root);
  return kinds.find((kind) => kind.is(top))?.said ?? null;
}
