import { Button } from "@/components/ui/button";

type Props = {
  /** The one of a folder's projects that was chosen. */
  chosen: string | undefined;
  onAgain: () => void;
};

/** Which of a folder's projects is looked at, and the way back to the others. */
export function ChooseAgain({ chosen, onAgain }: Props) {
  if (chosen === undefined) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="min-w-0 [overflow-wrap:anywhere]">
        Of this folder: <code className="font-mono text-xs">{chosen}</code>
      </span>
      <Button variant="outline" size="sm" onClick={onAgain}>
        Choose another project
      </Button>
    </p>
  );
}
