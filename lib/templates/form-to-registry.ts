import { drawing, type Template } from "./template";

const check = `// This job gets the form that was sent as state.data, and hands on what it returns.
fn(state => {
  const { patient } = state.data;
  // An error that is thrown here ends the job as "failed", and the job after it does not start.
  if (!patient?.id) throw new Error("The form has no patient.id, so nobody can be registered.");

  // Only what the registry needs goes on.
  const record = {
    externalId: patient.id,
    name: patient.name.trim(),
    visitedOn: state.data.visitedOn ?? new Date().toISOString().slice(0, 10),
  };
  return { ...state, record };
});
`;

const register = `// Replace the address by your registry's. How to log in belongs in a credential, never in the code:
// choose one for this job, and the adaptor uses its baseUrl, username and password.
// \`$\` is the state at the moment when the operation runs.
post("https://registry.example.org/patients", $.record, {
  headers: { "content-type": "application/json" },
});

// What the registry answered is state.data now.
fn(state => {
  console.log("Registered", state.record.externalId);
  return state;
});
`;

export const formToRegistry: Template = {
  key: "form-to-registry",
  name: "Form to registry",
  does: "Takes each home visit that arrives in the inbox, checks it, and writes the patient to a registry.",
  teaches: "A message filter that looks into the message, and a job that sends by HTTP.",
  sample: {
    form: "home-visit",
    visitedOn: "2026-11-20",
    patient: { id: "P-1042", name: "Amina Odhiambo" },
  },
  build(kit) {
    const { parts, add } = drawing(kit);
    // It starts for every message that contains this, whatever else is in it. An empty object matches any object.
    const filter = add.trigger("message_filter", { inclusion: { form: "home-visit", patient: {} } });
    const checked = add.job("Check the form", "common", check, filter);
    add.job("Register the patient", "http", register, checked);
    return parts;
  },
};
