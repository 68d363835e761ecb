export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof methods)[number];

/**
 * The methods of every declared route, for the web process, which answers a wrong one: Next itself would do
 * so without a word. Nothing is imported here. A test compares it with the routes.
 */
export const apiMethods = {
  "/api/account": ["GET", "PATCH", "DELETE"],
  "/api/account/credential-schemas": ["GET"],
  "/api/account/credentials": ["GET", "POST"],
  "/api/account/credentials/[credential]": ["GET", "PATCH", "DELETE"],
  "/api/account/credentials/[credential]/environments/[env]": ["GET", "PUT", "DELETE"],
  "/api/account/holdings": ["GET"],
  "/api/account/notices": ["GET", "PATCH"],
  "/api/account/notices/projects": ["GET"],
  "/api/account/password": ["PUT"],
  "/api/account/reauthentication": ["GET", "POST"],
  "/api/account/second-factor": ["GET", "POST", "DELETE"],
  "/api/account/second-factor/backup-codes": ["POST"],
  "/api/account/second-factor/confirm": ["POST"],
  "/api/account/restore": ["POST"],
  "/api/account/sessions": ["GET", "DELETE"],
  "/api/account/sessions/[session]": ["DELETE"],
  "/api/account/tokens": ["GET", "POST"],
  "/api/account/tokens/[token]": ["DELETE"],
  "/api/auth/register": ["POST"],
  "/api/auth/second-step": ["POST"],
  "/api/health": ["GET"],
  "/api/invitations": ["GET"],
  "/api/invitations/accept": ["POST"],
  "/api/invitations/decline": ["POST"],
  "/api/openapi.json": ["GET"],
  "/api/projects": ["GET", "POST"],
  "/api/projects/[project]": ["GET", "PATCH", "DELETE"],
  "/api/projects/[project]/adaptors": ["GET"],
  "/api/projects/[project]/adaptors/detail": ["GET"],
  "/api/projects/[project]/adaptors/upgrade": ["POST"],
  "/api/projects/[project]/auth-methods": ["GET", "POST"],
  "/api/projects/[project]/auth-methods/[method]": ["PATCH", "DELETE"],
  "/api/projects/[project]/auth-methods/[method]/secret": ["GET", "PUT", "PATCH"],
  "/api/projects/[project]/bulk-acts": ["GET", "POST"],
  "/api/projects/[project]/bulk-acts/[id]": ["GET"],
  "/api/projects/[project]/bulk-acts/[id]/abort": ["POST"],
  "/api/projects/[project]/bulk-acts/[id]/pause": ["POST"],
  "/api/projects/[project]/bulk-acts/[id]/refusals": ["GET"],
  "/api/projects/[project]/bulk-acts/[id]/resume": ["POST"],
  "/api/projects/[project]/bulk-acts/[id]/undo": ["POST"],
  "/api/projects/[project]/bulk-acts/preview": ["POST"],
  "/api/projects/[project]/credentials": ["GET", "POST"],
  "/api/projects/[project]/credentials/[credential]": ["DELETE"],
  "/api/projects/[project]/dataclips": ["GET", "POST"],
  "/api/projects/[project]/dataclips/[id]": ["PATCH"],
  "/api/projects/[project]/dataclips/[id]/body": ["GET"],
  "/api/projects/[project]/dry-run": ["POST"],
  "/api/projects/[project]/events": ["GET"],
  "/api/projects/[project]/holdings": ["GET"],
  "/api/projects/[project]/invitations": ["GET", "POST"],
  "/api/projects/[project]/invitations/[invitation]": ["DELETE"],
  "/api/projects/[project]/invitations/[invitation]/resend": ["POST"],
  "/api/projects/[project]/issues": ["GET"],
  "/api/projects/[project]/issues/[id]": ["GET", "PATCH"],
  "/api/projects/[project]/issues/[id]/orders": ["GET"],
  "/api/projects/[project]/issues/[id]/rerun": ["POST"],
  "/api/projects/[project]/jobs": ["GET"],
  "/api/projects/[project]/jobs/[job]/dataclips": ["GET"],
  "/api/projects/[project]/leave": ["POST"],
  "/api/projects/[project]/keychains": ["GET", "POST"],
  "/api/projects/[project]/keychains/[keychain]": ["PATCH", "DELETE"],
  "/api/projects/[project]/library": ["GET", "POST"],
  "/api/projects/[project]/library/[entry]": ["GET", "PATCH", "DELETE"],
  "/api/projects/[project]/library/[entry]/difference": ["GET"],
  "/api/projects/[project]/library/[entry]/jobs": ["POST"],
  "/api/projects/[project]/library/[entry]/jobs/[job]": ["DELETE"],
  "/api/projects/[project]/library/[entry]/take-over": ["POST"],
  "/api/projects/[project]/library/[entry]/versions": ["GET", "POST"],
  "/api/projects/[project]/library/[entry]/versions/[version]": ["GET"],
  "/api/projects/[project]/members": ["GET"],
  "/api/projects/[project]/members/[user]": ["PATCH", "DELETE"],
  "/api/projects/[project]/messages": ["GET", "POST"],
  "/api/projects/[project]/messages/[id]": ["GET"],
  "/api/projects/[project]/messages/[id]/body": ["GET"],
  "/api/projects/[project]/messages/[id]/matching": ["GET"],
  "/api/projects/[project]/messages/[id]/read-as": ["POST"],
  "/api/projects/[project]/messages/[id]/rerun": ["GET", "POST"],
  "/api/projects/[project]/messages/[id]/resend": ["POST"],
  "/api/projects/[project]/notice-rules": ["GET"],
  "/api/projects/[project]/notice-rules/channels": ["GET"],
  "/api/projects/[project]/notice-rules/channels/[channel]": ["PATCH"],
  "/api/projects/[project]/notice-rules/mine": ["GET", "PATCH"],
  "/api/projects/[project]/messages/[id]/reveal": ["POST"],
  "/api/projects/[project]/owner": ["PUT"],
  "/api/projects/[project]/pause": ["POST"],
  "/api/projects/[project]/protection": ["GET", "PUT"],
  "/api/projects/[project]/refused": ["GET"],
  "/api/projects/[project]/refused/[id]": ["GET"],
  "/api/projects/[project]/refused/[id]/accept": ["POST"],
  "/api/projects/[project]/restore": ["POST"],
  "/api/projects/[project]/resume": ["POST"],
  "/api/projects/[project]/retention": ["GET", "PUT"],
  "/api/projects/[project]/retention/preview": ["POST"],
  "/api/projects/[project]/rotate-inbox": ["POST"],
  "/api/projects/[project]/runs": ["GET"],
  "/api/projects/[project]/runs/[id]": ["GET"],
  "/api/projects/[project]/runs/export": ["GET"],
  "/api/projects/[project]/runs/[id]/cancel": ["POST"],
  "/api/projects/[project]/runs/[id]/rerun": ["GET", "POST"],
  "/api/projects/[project]/runs/[id]/reveal": ["POST"],
  "/api/projects/[project]/steps/[id]/input": ["GET"],
  "/api/projects/[project]/steps/[id]/logs": ["GET"],
  "/api/projects/[project]/steps/[id]/output": ["GET"],
  "/api/projects/[project]/waiting": ["GET"],
  "/api/projects/[project]/usage": ["GET"],
  "/api/projects/[project]/usage/months": ["GET"],
  "/api/projects/[project]/work-orders/[id]/release": ["POST"],
  "/api/projects/[project]/workflows": ["GET", "POST"],
  "/api/projects/[project]/workflows/[id]": ["GET", "PUT"],
  "/api/projects/[project]/workflows/[id]/dataclips": ["GET"],
  "/api/projects/[project]/workflows/[id]/difference": ["GET"],
  "/api/projects/[project]/workflows/[id]/pause": ["POST"],
  "/api/projects/[project]/workflows/[id]/resume": ["POST"],
  "/api/projects/[project]/workflows/[id]/runs": ["POST"],
  "/api/projects/[project]/workflows/[id]/versions": ["GET"],
  "/api/projects/[project]/workflows/[id]/triggers/[trigger]/run": ["POST"],
  "/api/projects/import": ["POST"],
  "/api/runners": ["POST"],
} as const satisfies Record<string, readonly Method[]>;

/** Where the document of all the others is. */
export const documentPath = "/api/openapi.json";
export type ApiPath = keyof typeof apiMethods;

const known = Object.entries(apiMethods).map(([path, methods]) => ({ segments: path.split("/"), methods }));

/** What may be asked of a path, as an `Allow` header says it; undefined for a path that is no declared route. */
export function allowedAt(pathname: string): string[] | undefined {
  const asked = pathname.replace(/\/$/, "").split("/");
  const [match] = known
    .filter(({ segments }) => segments.length === asked.length)
    .filter(({ segments }) =>
      segments.every((one, i) => one === asked[i] || (one.startsWith("[") && asked[i])),
    )
    .sort((a, b) => wildcards(a.segments) - wildcards(b.segments));
  if (!match) return undefined;
  return [...match.methods, ...(match.methods.some((one) => one === "GET") ? ["HEAD"] : []), "OPTIONS"];
}

const wildcards = (segments: string[]): number => segments.filter((one) => one.startsWith("[")).length;
