"use client";
import { Handle, type NodeProps, Position, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { Plus } from "lucide-react";
import { type MouseEvent, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { actAddJob, actConnect } from "@/components/editor/acts";
import { useDraft, useEditor, useEditorStore } from "@/components/editor/store";
import { triggerName } from "@/components/workflows/edge-words";
import { Flow } from "@/components/workflows/flow";
import { edgeTypes, flowEdges } from "@/components/workflows/flow-edge";
import { type Place, planGraph } from "@/components/workflows/layout";
import { JobWords, NodeBox, TriggerWords } from "@/components/workflows/node-box";
import { viewWith, wholeView } from "@/components/workflows/view";
import { itemOf, type Source } from "@/lib/editor/graph";
import { AddMenu } from "./add-menu";
import { type EditorNode, NodeMaker } from "./canvas-nodes";

/** The draft as a picture. The outline does all that it does, without a mouse. */
export function EditorCanvas() {
  return (
    <ReactFlowProvider>
      <Picture />
    </ReactFlowProvider>
  );
}

function Picture() {
  const store = useEditorStore();
  const { triggers, jobs, edges, positions } = useDraft();
  const problems = useEditor((state) => state.problems);
  const selectedId = useEditor(({ selected }) => (selected.kind === "workflow" ? null : selected.id));
  const [maker] = useState(() => new NodeMaker());
  // Where nodes stand depends on which there are, and not on what they say.
  const ids = [...triggers, {}, ...jobs].map((node) => ("id" in node ? node.id : "")).join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  const plan = useMemo(() => planGraph({ triggers, jobs, edges, positions }), [ids, edges, positions]);
  const wrong = useMemo(() => new Map(problems.map(({ itemId, message }) => [itemId, message])), [problems]);
  const nodes = useMemo(
    () => maker.nodes({ triggers, jobs }, plan, selectedId, (id) => wrong.get(id) ?? null),
    [maker, triggers, jobs, plan, selectedId, wrong],
  );
  const drawn = useMemo(
    () => flowEdges(edges, plan, { selectedId, wrong: new Set([...wrong.keys()].flatMap((id) => id ?? [])) }),
    [edges, plan, selectedId, wrong],
  );
  const select = useCallback(
    ({ target }: MouseEvent, { id }: { id: string }) => {
      // A menu is elsewhere on the page, and yet its clicks are the node's to React.
      const isOfMenu = target instanceof Element && target.closest("button,[role=menu]") !== null;
      if (!isOfMenu) store.select(itemOf(store.draft, id));
    },
    [store],
  );
  const asSource = (id: string | null): Source | null => {
    const { kind } = itemOf(store.draft, id);
    return id !== null && (kind === "job" || kind === "trigger") ? { kind, id } : null;
  };
  return (
    <>
      <Flow
        places={plan.places}
        selectedId={selectedId}
        nodes={nodes}
        edges={drawn}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesConnectable
        connectionRadius={40}
        deleteKeyCode={null}
        onlyRenderVisibleElements
        onNodeClick={select}
        onEdgeClick={select}
        onPaneClick={() => store.select({ kind: "workflow" })}
        isValidConnection={({ source, target }) => source !== target && asSource(target)?.kind === "job"}
        onConnect={({ source, target }) => {
          const from = asSource(source);
          if (from) actConnect(store, from, target);
        }}
        onConnectEnd={(_, { fromNode, toNode }) => {
          // Let go over nothing: there is to be a job.
          const from = toNode ? null : asSource(fromNode?.id ?? null);
          if (from) actAddJob(store, from);
        }}
      />
      <KeepInView selectedId={selectedId} places={plan.places} />
    </>
  );
}

/** Shows all of it where that is large enough to be read, else what was selected elsewhere. */
function KeepInView({
  selectedId,
  places,
}: {
  selectedId: string | null;
  places: ReadonlyMap<string, Place>;
}) {
  const flow = useReactFlow();
  const shown = useRef({ selectedId, places });
  useEffect(() => {
    const before = shown.current;
    shown.current = { selectedId, places };
    const size = document.querySelector("[data-editor-canvas]")?.getBoundingClientRect();
    if (!size?.width) return;
    const whole = places.size === before.places.size ? null : wholeView(places, size);
    const place = selectedId === before.selectedId ? undefined : places.get(selectedId ?? "");
    const view = whole ?? (place ? viewWith(place, flow.getViewport(), size) : null);
    if (view) void flow.setViewport(view, { duration: 150 });
  }, [flow, selectedId, places]);
  return null;
}

const EditableNode = memo(function EditableNode({ id, data, selected }: NodeProps<EditorNode>) {
  const isTrigger = data.kind === "trigger";
  const name = isTrigger ? triggerName(data.type) : data.name;
  return (
    <NodeBox isTrigger={isTrigger} isSelected={selected} className="group/node relative h-[60px] w-[208px]">
      <Handle type="target" position={Position.Top} isConnectableStart={false} className="!opacity-0" />
      {isTrigger ? <TriggerWords {...data} /> : <JobWords {...data} />}
      <Handle type="source" position={Position.Bottom} className="!size-2.5 !border-input !bg-card" />
      <AddMenu after={{ kind: data.kind, id }}>
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Add after ${name} in the picture`}
          className="nodrag nopan -right-3 -bottom-3 absolute flex size-6 items-center justify-center rounded-full border border-input bg-card text-muted-foreground hover:border-accent hover:text-accent data-[state=open]:border-accent"
        >
          <Plus aria-hidden className="size-3.5" />
        </button>
      </AddMenu>
    </NodeBox>
  );
});

const nodeTypes = { editable: EditableNode };
