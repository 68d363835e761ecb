"use client";
import {
  Archive,
  ArchiveRestore,
  Copy,
  Ellipsis,
  PencilLine,
  Power,
  Trash2,
  Type,
  Undo2,
} from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { switchesOf } from "./acts-of";
import type { Act, ActedOn } from "./types";

const ActOf = dynamic(() => import("./act-of").then((module) => module.ActOf), { ssr: false });

type Props = { projectId: string; workflow: ActedOn; className?: string };

/** Everything that can be done with a workflow as a whole, for who may do it. */
export function WorkflowMenu({ projectId, workflow, className }: Props) {
  const [act, setAct] = useState<Act | null>(null);
  const chosen = useRef<Act | null>(null);
  const choose = (one: Act) => {
    chosen.current = one;
  };
  /** After the menu has given the focus back to its button: that is where the dialog leaves it in the end. */
  const begin = () => {
    const next = chosen.current;
    chosen.current = null;
    if (next) setTimeout(() => setAct(next));
  };
  const { id, name, lockVersion, isArchived } = workflow;
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="outline" size="icon" aria-label={`More of ${name}`} className={className}>
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end" onCloseAutoFocus={begin}>
          <DropdownMenuItem asChild>
            <Link href={`/p/${projectId}/workflows/${id}/edit`}>
              <PencilLine aria-hidden /> Edit
            </Link>
          </DropdownMenuItem>
          {switchesOf(workflow).map(({ words, act: one }) => (
            <DropdownMenuItem key={words} onSelect={() => choose(one)}>
              <Power aria-hidden /> {words}
            </DropdownMenuItem>
          ))}
          <DropdownMenuSeparator />
          <DropdownMenuItem onSelect={() => choose({ kind: "rename" })}>
            <Type aria-hidden /> Rename…
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => choose({ kind: "duplicate" })}>
            <Copy aria-hidden /> Duplicate…
          </DropdownMenuItem>
          {lockVersion > 1 ? (
            <DropdownMenuItem onSelect={() => choose({ kind: "rollBack" })}>
              <Undo2 aria-hidden /> Roll back…
            </DropdownMenuItem>
          ) : null}
          <DropdownMenuSeparator />
          <DropdownMenuItem onSelect={() => choose({ kind: isArchived ? "unarchive" : "archive" })}>
            {isArchived ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}{" "}
            {isArchived ? "Take out of the archive…" : "Archive…"}
          </DropdownMenuItem>
          <DropdownMenuItem destructive onSelect={() => choose({ kind: "delete" })}>
            <Trash2 aria-hidden /> Delete…
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      {act ? <ActOf act={act} {...{ projectId, workflow }} close={() => setAct(null)} /> : null}
    </>
  );
}
