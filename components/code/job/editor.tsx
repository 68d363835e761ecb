"use client";
import { useTheme } from "next-themes";
import { useEffect, useEffectEvent, useId, useImperativeHandle, useRef, useState } from "react";
import { useNonce } from "@/components/nonce";
import { Button } from "@/components/ui/button";
import type { Remark } from "@/lib/runner/compiler/check";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import type { JobEditorProps } from "./props";
import { useVocabulary } from "./use-vocabulary";
import { JobView } from "./view";

const usage =
  "Tab indents. To leave with Tab, press Escape first. Control and Space offers completions, F1 explains the operation at the cursor, Shift, Alt and F formats.";

/** CodeMirror with everything that is known of a job. Load it through ../job-editor, which keeps it out of the first bundle. */
export function LoadedJobEditor(props: JobEditorProps) {
  const {
    value,
    adaptor,
    projectId,
    state: sample,
    line,
    label,
    id,
    height,
    readOnly = false,
    handle,
  } = props;
  const { resolvedTheme } = useTheme();
  const nonce = useNonce();
  const ids = useId();
  const host = useRef<HTMLDivElement>(null);
  const shown = useRef<JobView>(null);
  const [remarks, setRemarks] = useState<Remark[]>([]);
  const [refused, setRefused] = useState<string | null>(null);
  const vocabulary = useVocabulary(projectId, adaptor, props.adaptorVersion ?? null);
  const name = adaptorName(adaptor);
  const tone: "light" | "dark" = resolvedTheme === "dark" ? "dark" : "light";
  const look = { tone, nonce, label, id, describedBy: `${ids}-usage ${ids}-remark`, readOnly };

  const changed = useEffectEvent((code: string) => props.onChange(code));
  const checked = useEffectEvent((found: Remark[]) => {
    setRemarks(found);
    setRefused(null);
    const problem = found.find(({ severity }) => severity === "error");
    props.onProblem?.(
      problem ? { message: messageOf(problem), line: problem.line, column: problem.column } : null,
    );
  });
  const begin = useEffectEvent((parent: Element) => {
    const owner = { onChange: changed, onRemarks: checked, onRefused: setRefused };
    return new JobView(parent, { value, look, adaptor: name, knowledge: { vocabulary, sample }, owner });
  });

  useEffect(() => {
    if (!host.current) return;
    const view = begin(host.current);
    shown.current = view;
    return () => {
      view.destroy();
      shown.current = null;
    };
  }, []);
  useEffect(() => shown.current?.setValue(value), [value]);
  useEffect(() => shown.current?.setKnowledge(name, { vocabulary, sample }), [name, vocabulary, sample]);
  const { describedBy } = look;
  useEffect(
    () => shown.current?.setLook({ tone, nonce, label, id, describedBy, readOnly }),
    [tone, nonce, label, id, describedBy, readOnly],
  );
  useEffect(() => {
    if (line !== undefined) shown.current?.showLine(line);
  }, [line]);
  useImperativeHandle(handle, () => ({
    flush: () => shown.current?.flush(),
    showLine: (wanted) => shown.current?.showLine(wanted),
    focus: () => shown.current?.view.focus(),
  }));

  return (
    <div className="grid grid-cols-1">
      <div className="flex flex-wrap items-center justify-end gap-1 border-b bg-muted/40 px-2 py-1">
        <p id={`${ids}-usage`} className="sr-only">
          {usage}
        </p>
        <Button variant="ghost" size="sm" onClick={() => shown.current?.find()}>
          Find
        </Button>
        {readOnly ? null : (
          <Button variant="ghost" size="sm" title="Shift+Alt+F" onClick={() => void shown.current?.format()}>
            Format
          </Button>
        )}
      </div>
      <div ref={host} style={height ? { height } : undefined} className="min-w-0 [&>.cm-editor]:h-full" />
      <div id={`${ids}-remark`} role="status" className="text-xs">
        <Said refused={refused} remarks={remarks} onGo={(offset) => shown.current?.goTo(offset)} />
      </div>
    </div>
  );
}

const messageOf = ({ message, hint }: Remark): string => (hint ? `${message}. ${hint}` : message);

type SaidProps = { refused: string | null; remarks: Remark[]; onGo(offset: number): void };

/** The first remark in words, and the way to it; there may be none. */
function Said({ refused, remarks, onGo }: SaidProps) {
  const [first] = remarks;
  return (
    <>
      {refused ? (
        <p data-status="failed" className="border-t px-3 py-1.5 text-(--status)">
          {refused}
        </p>
      ) : null}
      {first ? (
        <p
          data-status={first.severity === "error" ? "failed" : "rejected"}
          className="flex flex-wrap items-baseline gap-x-2 border-t px-3 py-1.5 text-(--status)"
        >
          <Button variant="link" size="sm" onClick={() => onGo(first.from)}>
            Line {first.line}, column {first.column}
          </Button>
          <span className="min-w-0 [overflow-wrap:anywhere]">{messageOf(first)}</span>
          {remarks.length > 1 ? <span>and {remarks.length - 1} more</span> : null}
        </p>
      ) : null}
    </>
  );
}
