import { Badge } from "@/components/ui/badge";
import { Checkbox } from "@/components/ui/checkbox";
import { formatCount } from "@/components/ui/format";
import { DifferenceView } from "@/components/workflows/difference-view";
import type { SpecPreview } from "@/lib/domain/spec/preview";
import { ReportList } from "./report-list";

type Props = {
  preview: SpecPreview;
  /** Workflows that the files do not have and that are to go. */
  remove: string[];
  onRemove: (ids: string[]) => void;
};

/** Whether applying it would change nothing at all. */
export const isNoChange = ({ workflows, others }: SpecPreview) => workflows.length + others.length === 0;

const words = { made: "new", changed: "changed", deleted: "deleted" } as const;

/** What files change in a project: what is not as they say, each workflow's difference, and what they do not have. */
export function FilesPreview({ preview, remove, onRemove }: Props) {
  const { workflows, others, report, missing, unchanged } = preview;
  return (
    <section aria-label="What changes" className="grid min-w-0 gap-4">
      {report.length > 0 ? (
        <div className="grid gap-2 rounded-lg border bg-card p-4">
          <h2 className="font-semibold text-[15px]">What is otherwise than the files say</h2>
          <ReportList lines={report} />
        </div>
      ) : null}
      <h2 className="font-semibold text-[15px]">
        {isNoChange(preview)
          ? "Nothing changes: the project is what the files say"
          : workflows.length === 0
            ? "No workflow will be different"
            : `${formatCount(workflows.length, "workflow")} will be different`}
        {unchanged > 0 && workflows.length > 0 ? (
          <span className="font-normal text-muted-foreground text-sm">
            {" "}
            {unchanged === 1 ? "1 stays" : `${unchanged} stay`} as {unchanged === 1 ? "it is" : "they are"}
          </span>
        ) : null}
      </h2>
      {others.length > 0 ? (
        <ul aria-label="Besides the workflows" className="grid gap-1 rounded-lg border bg-card px-4 py-3">
          {others.map((line) => (
            <li key={line} className="[overflow-wrap:anywhere]">
              {line}
            </li>
          ))}
        </ul>
      ) : null}
      <ul className="grid gap-3" aria-label="Differences">
        {workflows.map(({ id, name, change, difference }) => (
          <li key={id} className="min-w-0">
            <details open={workflows.length <= 5} className="rounded-lg border bg-card">
              <summary className="flex cursor-pointer flex-wrap items-center gap-2 px-4 py-2.5">
                <h3 className="min-w-0 font-semibold [overflow-wrap:anywhere]">{name}</h3>
                <Badge>{words[change]}</Badge>
              </summary>
              <div className="min-w-0 border-t px-4 py-3">
                <DifferenceView difference={difference} />
              </div>
            </details>
          </li>
        ))}
      </ul>
      {missing.length > 0 ? (
        <fieldset className="grid gap-2 rounded-lg border bg-card p-4">
          <legend className="sr-only">Workflows that the files do not have</legend>
          <h2 className="font-semibold text-[15px]">
            {missing.length === 1 ? "One workflow is" : `${missing.length} workflows are`} not in the files
          </h2>
          <p className="text-muted-foreground">
            What you tick is deleted with the rest. It can be restored; everything else stays as it is.
          </p>
          <ul className="grid gap-1.5">
            {missing.map(({ id, name }) => (
              <li key={id}>
                <label htmlFor={`remove-${id}`} className="flex items-start gap-2.5">
                  <Checkbox
                    id={`remove-${id}`}
                    className="mt-0.5"
                    checked={remove.includes(id)}
                    onCheckedChange={(checked) =>
                      onRemove(checked === true ? [...remove, id] : remove.filter((one) => one !== id))
                    }
                  />
                  <span className="min-w-0 [overflow-wrap:anywhere]">Delete {name}</span>
                </label>
              </li>
            ))}
          </ul>
        </fieldset>
      ) : null}
    </section>
  );
}
