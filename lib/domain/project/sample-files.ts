import { shippedSpecifiers } from "@/lib/shipped";

/** What Payment logs in with: a destination to practise on, which its owner can close and open again. */
export const sampleCredential = {
  name: "Mobile money practice",
  body: { baseUrl: "", open: true },
};

/**
 * The sample project, as a newcomer would write it: a form from a home visit asks for a referral and a payment. Adaptor
 * versions are those that come with the installation, so that it runs without any network.
 */
export const sampleYaml = `name: home-visits
description: A form from a home visit asks for a referral and a payment.
credentials:
  you-Mobile-money-practice:
    name: ${sampleCredential.name}
    owner: you
workflows:
  Referral:
    name: Referral
    jobs:
      Referral:
        name: Referral
        adaptor: '${shippedSpecifiers.common}'
        body:
          path: ./referral.js
    triggers:
      message_filter:
        type: message_filter
        enabled: true
        # Starts for every message that contains this. Messages that nothing matches stay in the inbox.
        inclusion:
          form: home-visit
    edges:
      message_filter->Referral:
        source_trigger: message_filter
        target_job: Referral
        condition_type: always
  Payment:
    name: Payment
    jobs:
      Payment:
        name: Payment
        adaptor: '${shippedSpecifiers.http}'
        credential: you-Mobile-money-practice
        body:
          path: ./payment.js
      Tell-the-office:
        name: Tell the office
        adaptor: '${shippedSpecifiers.common}'
        body:
          path: ./tell-the-office.js
    triggers:
      message_filter:
        type: message_filter
        enabled: true
        # An empty map matches any map: only forms that name a patient start this workflow.
        inclusion:
          form: home-visit
          patient: {}
    edges:
      message_filter->Payment:
        source_trigger: message_filter
        target_job: Payment
        condition_type: always
      Payment->Tell-the-office:
        source_job: Payment
        target_job: Tell-the-office
        condition_type: on_job_failure
`;

const referral = `// Operations run one after the other. Each gets the state and returns it for the next.
// \`state.data\` is the form that was sent.
fn(state => {
  const { patient, referTo = "the nearest clinic" } = state.data;
  if (!patient?.id) throw new Error("The form has no patient.id, so nobody can be referred.");

  console.log(\`Referring \${patient.name} to \${referTo}\`);
  const referral = { patientId: patient.id, facility: referTo, status: "requested" };

  // What a job returns is stored as its output.
  return { ...state, data: { ...state.data, referral } };
});
`;

const payment = `// How to log in comes from the credential that this job uses: open Credentials to change it.
// While its "baseUrl" is empty this is practice, nothing leaves Waybill, and "open" says whether the other side answers.

// What a patient gets for the way to the clinic, unless the form says otherwise.
const usualAmount = 350;

fn(state => {
  const { baseUrl, open } = state.configuration;
  const { patient, payment } = state.data;
  const amount = payment?.amount ?? usualAmount;
  // An error that is thrown ends this job as "failed" and is shown in the receipt inspector.
  if (!(amount > 0)) throw new Error(\`The amount must be above zero, but it is \${amount}.\`);
  if (!baseUrl && !open) throw new Error("Mobile money is closed. Open it again in the credential, then rerun this job.");

  console.log(\`Paying \${amount} to \${patient.name} for the way to the clinic\`);
  return { ...state, data: { ...state.data, payment: { patientId: patient.id, amount } } };
});

// \`$\` is the state at the moment when the operation runs.
fnIf($.configuration.baseUrl, post("/payments", $.data.payment));
`;

const tellTheOffice = `// Follows Payment over an edge "on failure", so it runs only when the payment did not succeed.
// It gets what Payment got, and the errors so far.
fn(state => {
  const reasons = Object.values(state.errors ?? {}).map(error => error.message);
  console.log(\`Please check by hand the payment for \${state.data.patient?.name}: \${reasons.join(" ")}\`);
  return state;
});
`;

export const sampleFiles = {
  "referral.js": referral,
  "payment.js": payment,
  "tell-the-office.js": tellTheOffice,
};

/** A form that both jobs handle. Without `referTo` and `payment` they handle it too. */
export const sampleMessage = {
  form: "home-visit",
  patient: { id: "P-1042", name: "Amina Odhiambo" },
  referTo: "Kisumu County Hospital",
  payment: { amount: 350 },
};

/** The same form with an amount that Payment refuses; Referral succeeds all the same. */
export const failingSampleMessage = { ...sampleMessage, payment: { amount: -350 } };
