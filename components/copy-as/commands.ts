import { curl } from "./curl";
import { javascript } from "./javascript";
import { powershell } from "./powershell";
import { python } from "./python";
import type { CopiedRequest, Language } from "./request";

/** What each is called, and how it says a request. */
export const commands: Record<Language, { name: string; say: (request: CopiedRequest) => string }> = {
  curl: { name: "curl", say: curl },
  powershell: { name: "PowerShell", say: powershell },
  python: { name: "Python", say: python },
  javascript: { name: "JavaScript", say: javascript },
};
