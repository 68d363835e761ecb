/** What OpenFn's deployments ask whether the web process answers. /api/health says more. */
export const GET = (): Response => new Response("Hello you!");
