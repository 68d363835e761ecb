import type { OauthProvider } from "@/lib/words";

export type KnownProvider = {
  label: string;
  authorizationUrl: string;
  tokenUrl: string;
  /** Suggested; people add what their jobs need. */
  scopes: string;
  /** Without these the service hands out no refresh token. */
  parameters: Record<string, string>;
  /** Where applications are registered there. */
  registerAt: string;
};

/** What services document about themselves, so that nobody has to look it up. Pure. */
export const knownProviders: Record<Exclude<OauthProvider, "generic">, KnownProvider> = {
  google: {
    label: "Google",
    authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenUrl: "https://oauth2.googleapis.com/token",
    scopes: "https://www.googleapis.com/auth/spreadsheets",
    parameters: { access_type: "offline", prompt: "consent" },
    registerAt: "https://console.cloud.google.com/apis/credentials",
  },
  salesforce: {
    label: "Salesforce",
    authorizationUrl: "https://login.salesforce.com/services/oauth2/authorize",
    tokenUrl: "https://login.salesforce.com/services/oauth2/token",
    scopes: "api refresh_token",
    parameters: {},
    registerAt: "https://login.salesforce.com/",
  },
  microsoft: {
    label: "Microsoft",
    authorizationUrl: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    tokenUrl: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    scopes: "offline_access https://graph.microsoft.com/Files.ReadWrite.All",
    parameters: {},
    registerAt: "https://entra.microsoft.com/",
  },
};
