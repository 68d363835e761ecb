import { shippedSpecifiers } from "@/lib/shipped";

/** A job of a project.yaml whose workflow has no other, started by every home visit. */
export type SoloJob = { name: string; adaptor: string; body: string };

const indent = (text: string, by: number) =>
  text
    .trim()
    .split("\n")
    .map((line) => " ".repeat(by) + line)
    .join("\n");

/** A project.yaml with one workflow for each job. */
export const projectOf = (...jobs: SoloJob[]): string => `name: home-visits
workflows:
${jobs.map(workflowOf).join("\n")}
`;

const workflowOf = ({ name, adaptor, body }: SoloJob) => `  ${name}:
    name: ${name}
    jobs:
      ${name}:
        name: ${name}
        adaptor: '${adaptor}'
        body: |
${indent(body, 10)}
    triggers:
      message_filter:
        type: message_filter
        inclusion: { form: home-visit }
    edges:
      message_filter->${name}:
        source_trigger: message_filter
        target_job: ${name}
        condition_type: always`;

/** Refers the patient and says so in the log. */
export const referral: SoloJob = {
  name: "Referral",
  adaptor: shippedSpecifiers.common,
  body: `
fn(state => {
  console.log("Referring", state.data.patient.name);
  return state;
});`,
};

/** Pays the patient by a request to the destination, which is on the fifth line. */
export const paymentTo = (destination: string): SoloJob => ({
  name: "Payment",
  adaptor: shippedSpecifiers.http,
  body: `
fn(state => {
  console.log("Paying", state.data.patient.name);
  return state;
});
post("${destination}/payments", $.data.patient);`,
});

/** A form that both jobs handle. */
export const homeVisit = { form: "home-visit", patient: { id: "P-1001", name: "Amina Diallo" } };
