import { type ApiPath, type documentPath, type Method, methods } from "@/lib/http/api-methods";
import type { RouteHandler } from "@/lib/http/route";

/**
 * Every declared route but the document's own: types for the client (components/api.ts, which imports nothing but the type), and the modules
 * for the document. A test compares it with the folder.
 */
export const routeModules = {
  "/api/account": () => import("./account/route"),
  "/api/account/connections": () => import("./account/connections/route"),
  "/api/account/credential-schemas": () => import("./account/credential-schemas/route"),
  "/api/account/credential-transfers": () => import("./account/credential-transfers/route"),
  "/api/account/credential-transfers/[transfer]": () =>
    import("./account/credential-transfers/[transfer]/route"),
  "/api/account/credential-transfers/[transfer]/accept": () =>
    import("./account/credential-transfers/[transfer]/accept/route"),
  "/api/account/credentials": () => import("./account/credentials/route"),
  "/api/account/credentials/[credential]": () => import("./account/credentials/[credential]/route"),
  "/api/account/credentials/[credential]/environments/[env]": () =>
    import("./account/credentials/[credential]/environments/[env]/route"),
  "/api/account/holdings": () => import("./account/holdings/route"),
  "/api/account/notices": () => import("./account/notices/route"),
  "/api/account/notices/projects": () => import("./account/notices/projects/route"),
  "/api/account/oauth-clients": () => import("./account/oauth-clients/route"),
  "/api/account/oauth-clients/[client]": () => import("./account/oauth-clients/[client]/route"),
  "/api/account/oauth-clients/[client]/consent": () =>
    import("./account/oauth-clients/[client]/consent/route"),
  "/api/account/password": () => import("./account/password/route"),
  "/api/account/reauthentication": () => import("./account/reauthentication/route"),
  "/api/account/second-factor": () => import("./account/second-factor/route"),
  "/api/account/second-factor/backup-codes": () => import("./account/second-factor/backup-codes/route"),
  "/api/account/second-factor/confirm": () => import("./account/second-factor/confirm/route"),
  "/api/account/restore": () => import("./account/restore/route"),
  "/api/account/sessions": () => import("./account/sessions/route"),
  "/api/account/sessions/[session]": () => import("./account/sessions/[session]/route"),
  "/api/account/tokens": () => import("./account/tokens/route"),
  "/api/account/tokens/[token]": () => import("./account/tokens/[token]/route"),
  "/api/auth/register": () => import("./auth/register/route"),
  "/api/auth/second-step": () => import("./auth/second-step/route"),
  "/api/credentials": () => import("./credentials/route"),
  "/api/credentials/[credential]": () => import("./credentials/[credential]/route"),
  "/api/health": () => import("./health/route"),
  "/api/invitations": () => import("./invitations/route"),
  "/api/invitations/accept": () => import("./invitations/accept/route"),
  "/api/invitations/decline": () => import("./invitations/decline/route"),
  "/api/jobs": () => import("./jobs/route"),
  "/api/jobs/[job]": () => import("./jobs/[job]/route"),
  "/api/log_lines": () => import("./log_lines/route"),
  "/api/notices/stop/[token]": () => import("./notices/stop/[token]/route"),
  "/api/projects": () => import("./projects/route"),
  "/api/projects/[project]": () => import("./projects/[project]/route"),
  "/api/projects/[project]/adaptors": () => import("./projects/[project]/adaptors/route"),
  "/api/projects/[project]/adaptors/detail": () => import("./projects/[project]/adaptors/detail/route"),
  "/api/projects/[project]/adaptors/lookup": () => import("./projects/[project]/adaptors/lookup/route"),
  "/api/projects/[project]/adaptors/upgrade": () => import("./projects/[project]/adaptors/upgrade/route"),
  "/api/projects/[project]/adaptors/versions": () => import("./projects/[project]/adaptors/versions/route"),
  "/api/projects/[project]/auth-methods": () => import("./projects/[project]/auth-methods/route"),
  "/api/projects/[project]/auth-methods/[method]": () =>
    import("./projects/[project]/auth-methods/[method]/route"),
  "/api/projects/[project]/auth-methods/[method]/secret": () =>
    import("./projects/[project]/auth-methods/[method]/secret/route"),
  "/api/projects/[project]/bulk-acts": () => import("./projects/[project]/bulk-acts/route"),
  "/api/projects/[project]/bulk-acts/[id]": () => import("./projects/[project]/bulk-acts/[id]/route"),
  "/api/projects/[project]/bulk-acts/[id]/abort": () =>
    import("./projects/[project]/bulk-acts/[id]/abort/route"),
  "/api/projects/[project]/bulk-acts/[id]/pause": () =>
    import("./projects/[project]/bulk-acts/[id]/pause/route"),
  "/api/projects/[project]/bulk-acts/[id]/refusals": () =>
    import("./projects/[project]/bulk-acts/[id]/refusals/route"),
  "/api/projects/[project]/bulk-acts/[id]/resume": () =>
    import("./projects/[project]/bulk-acts/[id]/resume/route"),
  "/api/projects/[project]/bulk-acts/[id]/undo": () =>
    import("./projects/[project]/bulk-acts/[id]/undo/route"),
  "/api/projects/[project]/bulk-acts/preview": () => import("./projects/[project]/bulk-acts/preview/route"),
  "/api/projects/[project]/certificates": () => import("./projects/[project]/certificates/route"),
  "/api/projects/[project]/certificates/[certificate]": () =>
    import("./projects/[project]/certificates/[certificate]/route"),
  "/api/projects/[project]/certificates/[certificate]/check": () =>
    import("./projects/[project]/certificates/[certificate]/check/route"),
  "/api/projects/[project]/certificates/[certificate]/text": () =>
    import("./projects/[project]/certificates/[certificate]/text/route"),
  "/api/projects/[project]/credentials": () => import("./projects/[project]/credentials/route"),
  "/api/projects/[project]/credentials/[credential]": () =>
    import("./projects/[project]/credentials/[credential]/route"),
  "/api/projects/[project]/dataclips": () => import("./projects/[project]/dataclips/route"),
  "/api/projects/[project]/dataclips/[id]": () => import("./projects/[project]/dataclips/[id]/route"),
  "/api/projects/[project]/dataclips/[id]/body": () =>
    import("./projects/[project]/dataclips/[id]/body/route"),
  "/api/projects/[project]/drift": () => import("./projects/[project]/drift/route"),
  "/api/projects/[project]/dry-run": () => import("./projects/[project]/dry-run/route"),
  "/api/projects/[project]/events": () => import("./projects/[project]/events/route"),
  "/api/projects/[project]/filter-preview": () => import("./projects/[project]/filter-preview/route"),
  "/api/projects/[project]/holdings": () => import("./projects/[project]/holdings/route"),
  "/api/projects/[project]/invitations": () => import("./projects/[project]/invitations/route"),
  "/api/projects/[project]/invitations/[invitation]": () =>
    import("./projects/[project]/invitations/[invitation]/route"),
  "/api/projects/[project]/invitations/[invitation]/resend": () =>
    import("./projects/[project]/invitations/[invitation]/resend/route"),
  "/api/projects/[project]/issues": () => import("./projects/[project]/issues/route"),
  "/api/projects/[project]/issues/[id]": () => import("./projects/[project]/issues/[id]/route"),
  "/api/projects/[project]/issues/[id]/orders": () => import("./projects/[project]/issues/[id]/orders/route"),
  "/api/projects/[project]/issues/[id]/rerun": () => import("./projects/[project]/issues/[id]/rerun/route"),
  "/api/projects/[project]/issues/open": () => import("./projects/[project]/issues/open/route"),
  "/api/projects/[project]/jobs": () => import("./projects/[project]/jobs/route"),
  "/api/projects/[project]/jobs/[job]/adaptor": () => import("./projects/[project]/jobs/[job]/adaptor/route"),
  "/api/projects/[project]/jobs/[job]": () => import("./projects/[project]/jobs/[job]/route"),
  "/api/projects/[project]/jobs/[job]/dataclips": () =>
    import("./projects/[project]/jobs/[job]/dataclips/route"),
  "/api/projects/[project]/leave": () => import("./projects/[project]/leave/route"),
  "/api/projects/[project]/collections": () => import("./projects/[project]/collections/route"),
  "/api/projects/[project]/collections/[collection]": () =>
    import("./projects/[project]/collections/[collection]/route"),
  "/api/projects/[project]/collections/[collection]/items": () =>
    import("./projects/[project]/collections/[collection]/items/route"),
  "/api/projects/[project]/keychains": () => import("./projects/[project]/keychains/route"),
  "/api/projects/[project]/keychains/[keychain]": () =>
    import("./projects/[project]/keychains/[keychain]/route"),
  "/api/projects/[project]/library": () => import("./projects/[project]/library/route"),
  "/api/projects/[project]/library/[entry]": () => import("./projects/[project]/library/[entry]/route"),
  "/api/projects/[project]/library/[entry]/difference": () =>
    import("./projects/[project]/library/[entry]/difference/route"),
  "/api/projects/[project]/library/[entry]/jobs": () =>
    import("./projects/[project]/library/[entry]/jobs/route"),
  "/api/projects/[project]/library/[entry]/jobs/[job]": () =>
    import("./projects/[project]/library/[entry]/jobs/[job]/route"),
  "/api/projects/[project]/library/[entry]/take-over": () =>
    import("./projects/[project]/library/[entry]/take-over/route"),
  "/api/projects/[project]/library/[entry]/versions": () =>
    import("./projects/[project]/library/[entry]/versions/route"),
  "/api/projects/[project]/library/[entry]/versions/[version]": () =>
    import("./projects/[project]/library/[entry]/versions/[version]/route"),
  "/api/projects/[project]/members": () => import("./projects/[project]/members/route"),
  "/api/projects/[project]/members/[user]": () => import("./projects/[project]/members/[user]/route"),
  "/api/projects/[project]/messages": () => import("./projects/[project]/messages/route"),
  "/api/projects/[project]/messages/search": () => import("./projects/[project]/messages/search/route"),
  "/api/projects/[project]/messages/[id]": () => import("./projects/[project]/messages/[id]/route"),
  "/api/projects/[project]/messages/[id]/body": () => import("./projects/[project]/messages/[id]/body/route"),
  "/api/projects/[project]/messages/[id]/history": () =>
    import("./projects/[project]/messages/[id]/history/route"),
  "/api/projects/[project]/messages/[id]/job-states": () =>
    import("./projects/[project]/messages/[id]/job-states/route"),
  "/api/projects/[project]/messages/[id]/matching": () =>
    import("./projects/[project]/messages/[id]/matching/route"),
  "/api/projects/[project]/messages/[id]/tests": () =>
    import("./projects/[project]/messages/[id]/tests/route"),
  "/api/projects/[project]/messages/[id]/read-as": () =>
    import("./projects/[project]/messages/[id]/read-as/route"),
  "/api/projects/[project]/messages/[id]/rerun": () =>
    import("./projects/[project]/messages/[id]/rerun/route"),
  "/api/projects/[project]/messages/[id]/resend": () =>
    import("./projects/[project]/messages/[id]/resend/route"),
  "/api/projects/[project]/notice-rules": () => import("./projects/[project]/notice-rules/route"),
  "/api/projects/[project]/notice-rules/channels": () =>
    import("./projects/[project]/notice-rules/channels/route"),
  "/api/projects/[project]/notice-rules/channels/[channel]": () =>
    import("./projects/[project]/notice-rules/channels/[channel]/route"),
  "/api/projects/[project]/notice-rules/mine": () => import("./projects/[project]/notice-rules/mine/route"),
  "/api/projects/[project]/messages/[id]/reveal": () =>
    import("./projects/[project]/messages/[id]/reveal/route"),
  "/api/projects/[project]/notice-channels": () => import("./projects/[project]/notice-channels/route"),
  "/api/projects/[project]/notice-channels/[channel]": () =>
    import("./projects/[project]/notice-channels/[channel]/route"),
  "/api/projects/[project]/notice-channels/[channel]/secret": () =>
    import("./projects/[project]/notice-channels/[channel]/secret/route"),
  "/api/projects/[project]/notice-channels/[channel]/test": () =>
    import("./projects/[project]/notice-channels/[channel]/test/route"),
  "/api/projects/[project]/notices": () => import("./projects/[project]/notices/route"),
  "/api/projects/[project]/notices/[notice]/again": () =>
    import("./projects/[project]/notices/[notice]/again/route"),
  "/api/projects/[project]/notices/test": () => import("./projects/[project]/notices/test/route"),
  "/api/projects/[project]/owner": () => import("./projects/[project]/owner/route"),
  "/api/projects/[project]/pause": () => import("./projects/[project]/pause/route"),
  "/api/projects/[project]/protection": () => import("./projects/[project]/protection/route"),
  "/api/projects/[project]/redactions/preview": () => import("./projects/[project]/redactions/preview/route"),
  "/api/projects/[project]/persons": () => import("./projects/[project]/persons/route"),
  "/api/projects/[project]/persons/[person]": () => import("./projects/[project]/persons/[person]/route"),
  "/api/projects/[project]/persons/[person]/end": () =>
    import("./projects/[project]/persons/[person]/end/route"),
  "/api/projects/[project]/persons/[person]/export": () =>
    import("./projects/[project]/persons/[person]/export/route"),
  "/api/projects/[project]/persons/[person]/items": () =>
    import("./projects/[project]/persons/[person]/items/route"),
  "/api/projects/[project]/persons/[person]/wipe": () =>
    import("./projects/[project]/persons/[person]/wipe/route"),
  "/api/projects/[project]/refused": () => import("./projects/[project]/refused/route"),
  "/api/projects/[project]/refused/[id]": () => import("./projects/[project]/refused/[id]/route"),
  "/api/projects/[project]/refused/[id]/accept": () =>
    import("./projects/[project]/refused/[id]/accept/route"),
  "/api/projects/[project]/restore": () => import("./projects/[project]/restore/route"),
  "/api/projects/[project]/resume": () => import("./projects/[project]/resume/route"),
  "/api/projects/[project]/retention": () => import("./projects/[project]/retention/route"),
  "/api/projects/[project]/retention/preview": () => import("./projects/[project]/retention/preview/route"),
  "/api/projects/[project]/rotate-inbox": () => import("./projects/[project]/rotate-inbox/route"),
  "/api/projects/[project]/runs": () => import("./projects/[project]/runs/route"),
  "/api/projects/[project]/runs/export": () => import("./projects/[project]/runs/export/route"),
  "/api/projects/[project]/runs/[id]": () => import("./projects/[project]/runs/[id]/route"),
  "/api/projects/[project]/runs/[id]/cancel": () => import("./projects/[project]/runs/[id]/cancel/route"),
  "/api/projects/[project]/runs/[id]/rerun": () => import("./projects/[project]/runs/[id]/rerun/route"),
  "/api/projects/[project]/runs/[id]/reveal": () => import("./projects/[project]/runs/[id]/reveal/route"),
  "/api/projects/[project]/spec": () => import("./projects/[project]/spec/route"),
  "/api/projects/[project]/spec/preview": () => import("./projects/[project]/spec/preview/route"),
  "/api/projects/[project]/steps/[id]/input": () => import("./projects/[project]/steps/[id]/input/route"),
  "/api/projects/[project]/steps/[id]/logs": () => import("./projects/[project]/steps/[id]/logs/route"),
  "/api/projects/[project]/steps/[id]/output": () => import("./projects/[project]/steps/[id]/output/route"),
  "/api/projects/[project]/tokens": () => import("./projects/[project]/tokens/route"),
  "/api/projects/[project]/tokens/[token]": () => import("./projects/[project]/tokens/[token]/route"),
  "/api/projects/[project]/waiting": () => import("./projects/[project]/waiting/route"),
  "/api/projects/[project]/trigger-use": () => import("./projects/[project]/trigger-use/route"),
  "/api/projects/[project]/usage": () => import("./projects/[project]/usage/route"),
  "/api/projects/[project]/usage/storage": () => import("./projects/[project]/usage/storage/route"),
  "/api/projects/[project]/usage/months": () => import("./projects/[project]/usage/months/route"),
  "/api/projects/[project]/work_orders": () => import("./projects/[project]/work_orders/route"),
  "/api/projects/[project]/work_orders/[order]": () =>
    import("./projects/[project]/work_orders/[order]/route"),
  "/api/projects/[project]/work-orders/[id]/release": () =>
    import("./projects/[project]/work-orders/[id]/release/route"),
  "/api/projects/[project]/workflows": () => import("./projects/[project]/workflows/route"),
  "/api/projects/[project]/workflows/deleted": () => import("./projects/[project]/workflows/deleted/route"),
  "/api/projects/[project]/workflows/[id]": () => import("./projects/[project]/workflows/[id]/route"),
  "/api/projects/[project]/workflows/[id]/counts": () =>
    import("./projects/[project]/workflows/[id]/counts/route"),
  "/api/projects/[project]/workflows/[id]/dataclips": () =>
    import("./projects/[project]/workflows/[id]/dataclips/route"),
  "/api/projects/[project]/workflows/[id]/difference": () =>
    import("./projects/[project]/workflows/[id]/difference/route"),
  "/api/projects/[project]/workflows/[id]/jobs/[job]/repair": () =>
    import("./projects/[project]/workflows/[id]/jobs/[job]/repair/route"),
  "/api/projects/[project]/workflows/[id]/archive": () =>
    import("./projects/[project]/workflows/[id]/archive/route"),
  "/api/projects/[project]/workflows/[id]/draft": () =>
    import("./projects/[project]/workflows/[id]/draft/route"),
  "/api/projects/[project]/workflows/[id]/draft/difference": () =>
    import("./projects/[project]/workflows/[id]/draft/difference/route"),
  "/api/projects/[project]/workflows/[id]/draft/head": () =>
    import("./projects/[project]/workflows/[id]/draft/head/route"),
  "/api/projects/[project]/workflows/[id]/draft/promote": () =>
    import("./projects/[project]/workflows/[id]/draft/promote/route"),
  "/api/projects/[project]/workflows/[id]/duplicate": () =>
    import("./projects/[project]/workflows/[id]/duplicate/route"),
  "/api/projects/[project]/workflows/[id]/enabled": () =>
    import("./projects/[project]/workflows/[id]/enabled/route"),
  "/api/projects/[project]/workflows/[id]/name": () =>
    import("./projects/[project]/workflows/[id]/name/route"),
  "/api/projects/[project]/workflows/[id]/unarchive": () =>
    import("./projects/[project]/workflows/[id]/unarchive/route"),
  "/api/projects/[project]/workflows/[id]/draft/replay": () =>
    import("./projects/[project]/workflows/[id]/draft/replay/route"),
  "/api/projects/[project]/workflows/[id]/replay/messages": () =>
    import("./projects/[project]/workflows/[id]/replay/messages/route"),
  "/api/projects/[project]/workflows/[id]/draft/test": () =>
    import("./projects/[project]/workflows/[id]/draft/test/route"),
  "/api/projects/[project]/workflows/[id]/draft/tests": () =>
    import("./projects/[project]/workflows/[id]/draft/tests/route"),
  "/api/projects/[project]/workflows/[id]/tests/[test]": () =>
    import("./projects/[project]/workflows/[id]/tests/[test]/route"),
  "/api/projects/[project]/workflows/[id]/tests/[test]/cancel": () =>
    import("./projects/[project]/workflows/[id]/tests/[test]/cancel/route"),
  "/api/projects/[project]/workflows/[id]/tests/[test]/compare": () =>
    import("./projects/[project]/workflows/[id]/tests/[test]/compare/route"),
  "/api/projects/[project]/workflows/[id]/pause": () =>
    import("./projects/[project]/workflows/[id]/pause/route"),
  "/api/projects/[project]/workflows/[id]/resume": () =>
    import("./projects/[project]/workflows/[id]/resume/route"),
  "/api/projects/[project]/workflows/[id]/runs": () =>
    import("./projects/[project]/workflows/[id]/runs/route"),
  "/api/projects/[project]/workflows/[id]/versions": () =>
    import("./projects/[project]/workflows/[id]/versions/route"),
  "/api/projects/[project]/workflows/[id]/versions/[version]/restore": () =>
    import("./projects/[project]/workflows/[id]/versions/[version]/restore/route"),
  "/api/projects/[project]/workflows/[id]/triggers/[trigger]/run": () =>
    import("./projects/[project]/workflows/[id]/triggers/[trigger]/run/route"),
  "/api/projects/[project]/oauth-clients": () => import("./projects/[project]/oauth-clients/route"),
  "/api/projects/[project]/oauth-clients/[client]": () =>
    import("./projects/[project]/oauth-clients/[client]/route"),
  "/api/projects/import": () => import("./projects/import/route"),
  "/api/api/provision/yaml": () => import("./api/provision/yaml/route"),
  "/api/provision": () => import("./provision/route"),
  "/api/provision/[id]": () => import("./provision/[id]/route"),
  "/api/provision/yaml": () => import("./provision/yaml/route"),
  "/api/projects/import/preview": () => import("./projects/import/preview/route"),
  "/api/runs": () => import("./runs/route"),
  "/api/runs/[run]": () => import("./runs/[run]/route"),
  "/api/users/register": () => import("./users/register/route"),
  "/api/work_orders": () => import("./work_orders/route"),
  "/api/work_orders/[order]": () => import("./work_orders/[order]/route"),
  "/api/workflows": () => import("./workflows/route"),
  "/api/workflows/[workflow]": () => import("./workflows/[workflow]/route"),
  "/api/runners": () => import("./runners/route"),
} satisfies Record<Exclude<ApiPath, typeof documentPath>, () => Promise<object>>;

export type RouteModules = {
  [Path in keyof typeof routeModules]: Awaited<ReturnType<(typeof routeModules)[Path]>>;
};

/** Answered by libraries, and what is left over: not part of the document. */
export const undeclaredRoutes: Record<string, string> = {
  "/api/auth/[...nextauth]": "next-auth: sign-in, callbacks, sign-out; for browsers",
  "/api/inngest": "a real Inngest calls the functions here, with its own signature",
  "/api/[[...unknown]]": "says that there is nothing at a path",
};

export type Route = { path: string; method: Method; handler: RouteHandler };

/** Loads every declared route, in the order of their paths. */
export async function loadRoutes(): Promise<Route[]> {
  const loaded = await Promise.all(
    Object.entries(routeModules).map(async ([path, load]) => {
      const module: Partial<Record<Method, RouteHandler>> = await load();
      return methods.flatMap((method): Route[] => {
        const handler = module[method];
        return handler ? [{ path, method, handler }] : [];
      });
    }),
  );
  return loaded.flat();
}
