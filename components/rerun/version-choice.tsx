"use client";
import { formatCount } from "@/components/ui/format";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { VersionDifference } from "@/components/workflows/version-difference";
import type { RerunPreview } from "@/lib/domain/run/types";

export type Version = "latest" | "original";

type Props = {
  projectId: string;
  versions: RerunPreview["versions"];
  version: Version;
  /** Undefined: it can be no other. */
  onChange: ((version: Version) => void) | undefined;
};

/** A message may have gone to many workflows. */
const shownVersions = 4;

/** The version of now or of then, and what is different between them. */
export function VersionChoice({ projectId, versions, version, onChange }: Props) {
  const [only] = versions;
  const of = (key: Version) => (versions.length === 1 && only ? `version ${only[key]}` : "the versions");
  return (
    <div className="grid grid-cols-1 gap-3">
      <RadioGroup
        aria-label="Version"
        value={version}
        onValueChange={(value) => onChange?.(value === "original" ? "original" : "latest")}
        disabled={onChange === undefined}
        className="text-foreground"
      >
        <RadioItem value="latest">
          As the workflow is now <span className="text-muted-foreground">({of("latest")})</span>
        </RadioItem>
        <RadioItem value="original">
          As it was then <span className="text-muted-foreground">({of("original")})</span>
        </RadioItem>
      </RadioGroup>
      {versions.slice(0, shownVersions).map(({ workflowId, workflowName, original, latest }) => (
        <section
          key={`${workflowId}/${original}`}
          aria-label={`What changed in ${workflowName}`}
          className="grid grid-cols-1 gap-2 rounded-md border bg-card p-3 text-foreground"
        >
          <h3 className="caption">
            What changed in {workflowName} from version {original} to {latest}
          </h3>
          <VersionDifference projectId={projectId} workflowId={workflowId} from={original} to={latest} />
        </section>
      ))}
      {versions.length > shownVersions ? (
        <p>
          {formatCount(versions.length - shownVersions, "more workflow")} changed, too. Rerun one of them to
          see what.
        </p>
      ) : null}
    </div>
  );
}
