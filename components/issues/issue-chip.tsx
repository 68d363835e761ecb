import { StatusChip } from "@/components/ui/status-chip";
import type { IssueState } from "@/lib/words";
import { issueColours, issueMeanings } from "./words";

/** How an issue stands, as a chip. */
export const IssueChip = ({ state, className }: { state: IssueState; className?: string }) => (
  <StatusChip status={issueColours[state]} word={state} title={issueMeanings[state]} className={className} />
);
