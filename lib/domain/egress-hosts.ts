import { z } from "zod";
import { limits, orSay } from "@/lib/limits";
import { parseRule } from "@/lib/net/egress-policy";

/** `host`, `host:port` or a CIDR: what the runner's egress policy reads. */
const host = z
  .string()
  .trim()
  .toLowerCase()
  .max(260)
  .refine(
    isEgressRule,
    "Write a host such as api.example.org or 10.0.0.5:8080, without https:// and without a path.",
  );

function isEgressRule(text: string): boolean {
  try {
    parseRule(text);
    return true;
  } catch {
    return false;
  }
}

/** A list of hosts that a project's jobs may reach, or that a credential may be sent to. */
export const egressHosts = z.array(host).max(limits.projectHosts, orSay("projectHosts", "The list"));
