const known: Record<string, string> = {
  adaptorVersion: "Pinned to",
  body: "Code",
  cronExpression: "Schedule",
  cronCursorJobId: "State from job",
  inclusion: "Contains",
  exclusion: "Does not contain",
  conditionType: "Followed",
  conditionExpression: "Expression",
  conditionLabel: "Label",
  orderKey: "Order by",
  jobLogs: "Console is logged",
  libraryJobId: "Library entry",
  orderOfEdges: "Order of edges",
  webhookReply: "Answers",
  webhookResponseConfig: "Status codes",
  sourceJobId: "Follows job",
  takesGet: "Takes GET",
  openRosa: "OpenRosa",
  deliveryId: "Delivery id",
};

/** What a field of a workflow is called: by its own name where we have no other word. */
export function fieldWords(field: string): string {
  const word = known[field] ?? field.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return word.charAt(0).toUpperCase() + word.slice(1);
}
