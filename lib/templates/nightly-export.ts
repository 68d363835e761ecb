import { drawing, type Template } from "./template";

const fetchNew = `// A schedule has no message: the run begins with what the last successful one came to, so this job
// finds the cursor that it left. The first time there is none, and it asks for the last day.
fn(state => {
  const since = state.cursor ?? new Date(Date.now() - 24 * 60 * 60_000).toISOString();
  // Taken before asking: what changes meanwhile is fetched next time, and nothing is missed.
  return { ...state, since, until: new Date().toISOString() };
});

// Replace the address by your system's.
get("https://registry.example.org/visits", {
  query: state => ({ since: state.since }),
  parseAs: "json",
});

fn(state => {
  const visits = Array.isArray(state.data) ? state.data : [];
  console.log(visits.length, "visits since", state.since);
  return { ...state, visits };
});
`;

const send = `// One row a visit, in the order in which the report wants its columns.
fn(state => {
  const rows = state.visits.map(({ id, facility, visitedOn }) => [id, facility, visitedOn]);
  return { ...state, report: { from: state.since, to: state.until, rows } };
});

post("https://reports.example.org/visits", $.report, {
  headers: { "content-type": "application/json" },
});

// Only what the next night needs is kept. When anything above fails, the cursor stays where it was,
// so the next night fetches the same again.
fn(state => ({ cursor: state.until }));
`;

export const nightlyExport: Template = {
  key: "nightly-export",
  name: "Nightly export",
  does: "Every night at two, fetches what has changed since the last time and sends it on as a report.",
  teaches: "A schedule, and a cursor that moves on only when everything went well.",
  sample: null,
  build(kit) {
    const { parts, add } = drawing(kit);
    const trigger = { cronExpression: "0 2 * * *" };
    const night = add.trigger("cron", trigger);
    const fetched = add.job("Fetch what is new", "http", fetchNew, night);
    const sent = add.job("Send the report", "http", send, fetched);
    // The next run begins with what this job returned last.
    return {
      ...parts,
      triggers: parts.triggers.map((one) => ({ ...one, cronCursorJobId: sent.id })),
    };
  },
};
