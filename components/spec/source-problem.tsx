import { FormError } from "@/components/account/form-error";
import { ApiError } from "@/components/api";
import { Button } from "@/components/ui/button";

const shownProblems = 20;

type Problem = { path: string; message: string; line: number | null; file?: string | null };
type Choice = { path: string; name: string | null };

type Props = {
  error: Error;
  /** One of the projects of a folder that holds several. */
  onChoose: (path: string) => void;
};

/** Why something cannot be imported: everything at once, each with its place, or which of several projects is meant. */
export function SourceProblem({ error, onChoose }: Props) {
  const details: Record<string, unknown> = (error instanceof ApiError && error.details) || {};
  const { choices, problems, errors } = details;
  if (isList<Choice>(choices, "path")) return <Choices choices={choices} onChoose={onChoose} />;
  if (isList<Problem>(problems, "message") && problems.length > 0)
    return <Listed lines={problems.map((one) => ({ place: placeOf(one), said: one.message }))} />;
  const lines = linesOf(errors);
  return lines.length > 0 ? <Listed lines={lines} /> : <FormError>{error.message}</FormError>;
}

function Choices({ choices, onChoose }: { choices: Choice[]; onChoose: Props["onChoose"] }) {
  return (
    <div role="alert" className="grid gap-2 rounded-lg border bg-card p-4">
      <p className="font-medium">This folder holds several projects. Which one is meant?</p>
      <ul className="grid gap-1.5">
        {choices.map(({ path, name }) => (
          <li key={path} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Button variant="outline" size="sm" onClick={() => onChoose(path)}>
              {name ?? path}
            </Button>
            <code className="font-mono text-muted-foreground text-xs">{path}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

type Line = { place: string; said: string };

function Listed({ lines }: { lines: Line[] }) {
  return (
    <FormError>
      <p className="font-medium">It cannot be imported as it is:</p>
      <ul className="mt-1 grid gap-0.5">
        {lines.slice(0, shownProblems).map(({ place, said }) => (
          <li key={`${place} ${said}`} className="[overflow-wrap:anywhere]">
            <span className="font-mono text-xs">{place}</span> {said}
          </li>
        ))}
        {lines.length > shownProblems ? <li>And {lines.length - shownProblems} more.</li> : null}
      </ul>
    </FormError>
  );
}

const placeOf = ({ path, line, file }: Problem) =>
  [file ?? "", line === null ? path : `line ${line}`].filter(Boolean).join(", ");

/** Sentences of a tree of errors, each under the names that lead to it. */
function linesOf(tree: unknown, path: string[] = []): Line[] {
  if (Array.isArray(tree))
    return tree.map((said) => ({
      place: path.filter((key) => key !== "base").join("/"),
      said: String(said),
    }));
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    linesOf(value, path.length === 0 && key === "workflows" ? [] : [...path, key]),
  );
}

const isList = <T extends object>(value: unknown, key: keyof T): value is T[] =>
  Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null && key in item);
