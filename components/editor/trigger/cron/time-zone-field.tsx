"use client";
import { SearchChoice } from "@/components/data-table/search-choice";
import { useFieldProblem } from "@/components/editor/editor-field";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftTrigger } from "@/lib/editor/graph";
import { offsetIn, timeIn, zonesNamed } from "@/lib/editor/zoned-times";
import { isTimeZone } from "@/lib/workflow/time-zone";

const shown = 60;

/** The zone of whoever looks. */
export const yourZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

type Props = { trigger: DraftTrigger; onChange: (zone: string | null) => void };

/** The zone by whose clocks a schedule goes, found by name; yours is the first. */
export function TimeZoneField({ trigger: { id, timeZone }, onChange }: Props) {
  const problem = useFieldProblem(id, "timeZone");
  const zone = timeZone ?? "UTC";
  const yours = yourZone();
  return (
    <div id={fieldId(id, "timeZone")} className="grid gap-1.5">
      <span className="font-medium text-[13px]">Time zone</span>
      <SearchChoice
        label="Time zone"
        all="UTC"
        value={timeZone}
        chosen={timeZone === null ? undefined : { value: timeZone, label: timeZone }}
        searchKey={["time-zones", yours]}
        search={async (text) => {
          const found = zonesNamed(text, Intl.supportedValuesOf("timeZone"), yours).filter(
            (one) => one !== "UTC",
          );
          const now = new Date();
          return {
            choices: found.slice(0, shown).map((one) => ({
              value: one,
              label: `${one === yours ? "Yours: " : ""}${one} (${offsetIn(one, now)})`,
            })),
            isMore: found.length > shown,
          };
        }}
        onChange={onChange}
        className="w-full max-w-full"
      />
      <p className="text-muted-foreground text-xs">
        {isTimeZone(zone)
          ? `There it is ${timeIn(zone, new Date())} now (${offsetIn(zone, new Date())}).`
          : null}{" "}
        It follows summer time.
      </p>
      {problem ? (
        <p role="alert" data-status="failed" className="text-(--status) text-xs">
          {problem}
        </p>
      ) : null}
    </div>
  );
}
