import { Editor } from "./editor";

type Props = { value: string; onChange(value: string): void; label: string; problem: string | null };

/** JSON that a person writes, and what is wrong with it. */
export function JsonEditor({ value, onChange, label, problem }: Props) {
  return (
    <div className="grid grid-cols-1 gap-1.5">
      <div className="overflow-hidden rounded-md border border-input/70">
        <Editor value={value} onChange={onChange} language="json" label={label} height="28vh" />
      </div>
      {problem ? (
        <p role="status" data-status="rejected" className="text-(--status) text-xs">
          {problem}
        </p>
      ) : null}
    </div>
  );
}
