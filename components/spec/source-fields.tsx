"use client";
import { FileText, FolderUp, Upload, X } from "lucide-react";
import { type DragEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { Field } from "@/components/ui/field";
import { formatCount } from "@/components/ui/format";
import { Textarea } from "@/components/ui/textarea";
import { toast } from "@/components/ui/toast";
import { type Collected, collectDrop, collectFiles } from "./collect";

/** What a project is read from: a text that was pasted, files by their paths, or a text and the files that it names. */
export type Source = { text: string; files: Record<string, string> };

export const noSource: Source = { text: "", files: {} };

/** What the API takes of it. */
export const sentOf = ({ text, files }: Source) => ({ ...(text ? { yaml: text } : {}), files });

export const isEmptySource = ({ text, files }: Source) =>
  text.trim() === "" && Object.keys(files).length === 0;

const ids = new WeakMap<Source, number>();
let lastId = 0;

/** What tells one source from another without comparing megabytes. */
export function sourceId(source: Source): number {
  const id = ids.get(source) ?? ++lastId;
  ids.set(source, id);
  return id;
}

type Props = { value: Source; onChange: (value: Source) => void };

/** A folder that is dropped or chosen, an archive, a file, or a pasted text. */
export function SourceFields({ value, onChange }: Props) {
  const [isOver, setOver] = useState(false);
  const take = (collected: Collected) => {
    if (collected.problem === null) onChange(sourceOf(collected.files));
    else toast.error(collected.problem);
  };
  const addJobs = async (list: File[]) => {
    const texts = await Promise.all(
      list.map(async (file) => [`jobs/${file.name}`, await file.text()] as const),
    );
    onChange({ ...value, files: { ...value.files, ...Object.fromEntries(texts) } });
  };
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(await collectDrop(event.dataTransfer));
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside do the same without a mouse */}
      <div
        data-testid="drop"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => void drop(event)}
        className={cn(
          "grid justify-items-center gap-2.5 rounded-lg border border-input/60 border-dashed px-4 py-6 text-center",
          isOver && "border-accent bg-accent-soft",
        )}
      >
        <FolderUp aria-hidden className="size-6 stroke-[1.4] text-muted-foreground" />
        <p className="text-muted-foreground">
          Drop a folder here, as it stands in its repository, a ZIP archive of one, or a file.
        </p>
        <div className="flex flex-wrap justify-center gap-2">
          <FileButton
            label="Choose a folder"
            folder
            onFiles={async (files) => take(await collectFiles(files))}
          />
          <FileButton
            label="Choose a file"
            accept=".yaml,.yml,.json,.zip"
            onFiles={async (files) => take(await collectFiles(files))}
          />
        </div>
      </div>
      <Field label="Or paste it" hint="A project.yaml, or another form that OpenFn's tools write.">
        <Textarea
          value={value.text}
          onChange={(event) => onChange({ ...value, text: event.target.value })}
          spellCheck={false}
          className="max-h-96 min-h-36 font-mono text-xs"
          placeholder={"name: openhie-project\nworkflows:\n  …"}
        />
      </Field>
      <SentFiles value={value} onChange={onChange} />
      {value.text ? (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <FileButton label="Add job files" multiple onFiles={addJobs} />
          <p className="min-w-0 flex-1 basis-60 text-muted-foreground text-xs">
            Bodies written as <code className="font-mono">path: ./jobs/my-script.js</code> need that file.
            Correct its path where the text names it otherwise.
          </p>
        </div>
      ) : null}
    </>
  );
}

/** One file alone is shown as the text that it is. */
function sourceOf(files: Record<string, string>): Source {
  const [only, ...others] = Object.entries(files);
  return only && others.length === 0 ? { text: only[1], files: {} } : { text: "", files };
}

/** More are only counted. */
const maxListed = 100;

function SentFiles({ value, onChange }: Props) {
  const paths = Object.keys(value.files);
  if (paths.length === 0) return null;
  const withFiles = (files: [string, string][]) => onChange({ ...value, files: Object.fromEntries(files) });
  const rename = (from: string, to: string) => {
    if (to === from) return;
    if (to in value.files) return toast.error(`There is a file ${to} already.`);
    withFiles(Object.entries(value.files).map(([path, text]) => [path === from ? to : path, text]));
  };
  const remove = (path: string) => withFiles(Object.entries(value.files).filter(([one]) => one !== path));
  return (
    <details open={value.text !== "" || paths.length <= 5} className="rounded-md border">
      <summary className="flex cursor-pointer flex-wrap items-center justify-between gap-2 px-2.5 py-1.5">
        <span>{formatCount(paths.length, "file")}</span>
        <Button variant="ghost" size="sm" onClick={() => onChange({ ...value, files: {} })}>
          Remove all
        </Button>
      </summary>
      <ul aria-label="Job files" className="grid gap-1 border-t px-2.5 py-1.5">
        {Object.entries(value.files)
          .slice(0, maxListed)
          .map(([path, text]) => (
            <li key={path} className="flex items-center gap-2">
              <FileText aria-hidden className="size-4 shrink-0 text-muted-foreground" />
              <input
                aria-label={`Path of ${path}`}
                defaultValue={path}
                onBlur={(event) => rename(path, event.target.value.trim() || path)}
                className="min-w-0 flex-1 rounded-sm bg-transparent font-mono text-xs"
              />
              <span className="nums text-muted-foreground text-xs">
                {formatCount(text.split("\n").length, "line")}
              </span>
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={`Remove ${path}`}
                onClick={() => remove(path)}
              >
                <X aria-hidden />
              </Button>
            </li>
          ))}
      </ul>
      {paths.length > maxListed ? (
        <p className="border-t px-2.5 py-1.5 text-muted-foreground text-xs">
          And {paths.length - maxListed} more.
        </p>
      ) : null}
    </details>
  );
}

type FileButtonProps = {
  label: string;
  accept?: string;
  multiple?: boolean;
  folder?: boolean;
  onFiles: (files: File[]) => Promise<void>;
};

/** A file input that looks like our buttons; the input itself stays reachable by keyboard and by tests. */
function FileButton({ label, folder, onFiles, ...props }: FileButtonProps) {
  const id = useId();
  return (
    <label
      htmlFor={id}
      className="inline-flex h-8.5 cursor-pointer items-center gap-1.5 rounded-md border border-input/60 bg-card px-3 font-medium hover:border-input hover:bg-muted has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2"
    >
      <Upload aria-hidden className="size-4" />
      {label}
      <input
        id={id}
        type="file"
        className="sr-only"
        {...props}
        {...(folder ? { webkitdirectory: "" } : {})}
        onChange={(event) => {
          // The list itself is emptied with the value, so that the same file can be chosen again.
          const chosen = [...(event.target.files ?? [])];
          event.target.value = "";
          if (chosen.length > 0) void onFiles(chosen);
        }}
      />
    </label>
  );
}
