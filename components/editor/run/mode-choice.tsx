import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { type TestMode, testModes } from "@/lib/words";
import { modeWords } from "./test-words";

type Props = { label: string; mode: TestMode; onChange: (mode: TestMode) => void };

/** Whether what a test would send is kept, or really sent. */
export function ModeChoice({ label, mode, onChange }: Props) {
  return (
    <RadioGroup
      aria-label={label}
      value={mode}
      onValueChange={(value) => onChange(testModes.find((one) => one === value) ?? "record")}
    >
      {testModes.map((one) => (
        <RadioItem key={one} value={one}>
          <span className="font-medium">{modeWords[one].name}</span>{" "}
          <span className="text-muted-foreground text-xs">{modeWords[one].says}</span>
        </RadioItem>
      ))}
    </RadioGroup>
  );
}
