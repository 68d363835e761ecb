import { PayloadView } from "@/components/code/payload-view";
import { useEditor } from "@/components/editor/store";
import { contentOf } from "@/components/receipt/message-content";
import { formatBytes } from "@/components/ui/format";
import { Skeleton } from "@/components/ui/skeleton";
import { triggerName } from "@/components/workflows/edge-words";
import { type TestInput, takesMessages } from "./input";
import { takersOf } from "./taken";
import type { Shown } from "./use-input";

/** What a test would begin with, as far as it can be shown, and which triggers take it when it is a message. */
export function InputView(props: { input: TestInput; isLooking: boolean; shown: Shown }) {
  const takes = useEditor(({ history }) => takesMessages(history.now));
  // As high as most of what comes: what is done with it stays where it is.
  return (
    <div className={takes && props.input.kind !== "json" ? "min-h-64" : undefined}>
      <Content {...props} />
    </div>
  );
}

function Content({ input, isLooking, shown }: { input: TestInput; isLooking: boolean; shown: Shown }) {
  if (isLooking || shown.isLoading) return <Skeleton className="h-28" />;
  if (input.kind === "none")
    return <p className="text-muted-foreground">It begins with an empty state: {"{}"}.</p>;
  // What is pasted stands in its editor.
  if (input.kind === "json") return null;
  if (shown.problem)
    return (
      <p role="alert" data-status="failed" className="text-(--status)">
        {shown.problem}
      </p>
    );
  // What is done with it is to be in sight, on a phone too.
  return (
    <div className="grid grid-cols-1 gap-2 [&_section]:max-h-56">
      <Takers shown={shown} />
      {shown.text === null ? (
        <p className="text-muted-foreground text-xs">
          {shown.message?.wiped
            ? shown.message.wiped.says
            : "It is too long to be shown here. A test gets all of it."}
        </p>
      ) : (
        <PayloadView
          label="Input"
          text={shown.text}
          json={shown.state}
          caption={formatBytes(shown.text.length)}
        />
      )}
    </div>
  );
}

function Takers({ shown: { message } }: { shown: Shown }) {
  const triggers = useEditor(({ history }) => history.now.triggers);
  if (!message) return null;
  const content = contentOf(message);
  if (content === undefined) return null;
  const takers = takersOf({ triggers }, { triggerId: message.triggerId, content });
  const names = triggers.filter(({ id }) => takers.includes(id)).map(({ type }) => triggerName(type));
  if (names.length > 0)
    return (
      <p data-status="success" className="text-(--status) text-xs">
        Taken by {names.join(", ")}
      </p>
    );
  if (!triggers.some(({ type }) => type === "message_filter" || type === "webhook")) return null;
  return (
    <p data-status="rejected" className="text-(--status) text-xs">
      No trigger of this draft takes it. A test runs it all the same.
    </p>
  );
}
