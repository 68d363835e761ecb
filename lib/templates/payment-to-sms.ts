import { drawing, type Template } from "./template";

const write = `// The text of the message, apart from sending it: so it can be tried without anything being sent.
fn(state => {
  const { payer, amount, currency, reference } = state.data;
  if (!payer?.phone) throw new Error(\`Payment \${reference} has no telephone number.\`);
  const text = \`\${payer.name}, we have received \${amount} \${currency}. Thank you. (\${reference})\`;
  return { ...state, sms: { to: payer.phone, text } };
});
`;

const send = `// Replace the address by your provider's, and choose a credential that holds its key.
post("https://sms.example.org/messages", $.sms, {
  headers: { "content-type": "application/json" },
  // What the provider answers above 399 ends this job as "failed".
  errors: { 429: "Too many messages at once. Rerun this one later." },
});
`;

const tell = `// This job follows "Send the SMS" by an edge "on failure": it runs only when that one did not succeed.
// It begins with what the failed job had, and state.errors says what each job failed with.
fn(state => {
  const reasons = Object.values(state.errors ?? {}).map(error => error.message);
  const { payer, reference } = state.data;
  console.log(\`Please call \${payer.name} about \${reference}: \${reasons.join(" ")}\`);
  return state;
});
`;

export const paymentToSms: Template = {
  key: "payment-to-sms",
  name: "Payment to SMS",
  does: "Tells whoever paid by SMS that their payment has arrived, and catches what could not be sent.",
  teaches: "An edge that is followed only after a failure, so that nothing gets lost without a word.",
  sample: {
    type: "payment.received",
    reference: "PAY-2207",
    amount: 350,
    currency: "KES",
    payer: { name: "Amina Odhiambo", phone: "+254700000042" },
  },
  build(kit) {
    const { parts, add } = drawing(kit);
    const filter = add.trigger("message_filter", { inclusion: { type: "payment.received" } });
    const written = add.job("Write the SMS", "common", write, filter);
    const sent = add.job("Send the SMS", "http", send, written);
    add.job("Say who to call", "common", tell, sent, "on_job_failure");
    return parts;
  },
};
