import { drawing, type Template } from "./template";

const look = `// Whoever calls waits until the run has ended. Here you would ask another system; this job only knows a few.
const facilities = {
  "KE-047": { name: "Kisumu County Hospital", hasLaboratory: true },
  "KE-012": { name: "Siaya Clinic", hasLaboratory: false },
};

fn(state => {
  const code = state.data.facility;
  return { ...state, facility: facilities[code] ?? null, code };
});
`;

const answer = `// state.webhookResponse says what the caller is answered: a status, a body, or both.
// Without it the answer is 201 and the state that the run ended with.
fn(state => {
  const { facility, code } = state;
  const webhookResponse = facility
    ? { status: 200, body: { code, ...facility } }
    : { status: 404, body: { error: \`There is no facility \${code}.\` } };
  return { data: webhookResponse.body, webhookResponse };
});
`;

export const answerACaller: Template = {
  key: "answer-a-caller",
  name: "Answer a caller",
  does: "Another system asks at a URL of its own, and is answered with what the jobs found.",
  teaches: "A webhook that answers after completion, with a status and a body that a job decides.",
  sample: { facility: "KE-047" },
  build(kit) {
    const { parts, add } = drawing(kit);
    const call = add.trigger("webhook", { webhookReply: "after_completion" });
    const found = add.job("Look the facility up", "common", look, call);
    add.job("Answer", "common", answer, found);
    return parts;
  },
};
