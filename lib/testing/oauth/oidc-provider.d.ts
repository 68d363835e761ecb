/** The part of the package that tests use: its own types are for Koa applications, and heavy. */
declare module "oidc-provider" {
  import type { Server } from "node:http";

  type Configuration = {
    clients: Record<string, unknown>[];
    scopes: string[];
    pkce: { required(): boolean };
    rotateRefreshToken: boolean;
    issueRefreshToken(): Promise<boolean>;
    ttl: Record<string, number>;
    findAccount(ctx: unknown, id: string): Promise<{ accountId: string; claims(): Promise<{ sub: string }> }>;
    features: { devInteractions: { enabled: boolean } };
  };

  export default class Provider {
    constructor(issuer: string, configuration: Configuration);
    listen(port: number, host: string): Server;
  }
}
