import type { Metadata } from "next";
import type { ReactNode } from "react";
import type { Look } from "@/components/docs/state-chip";
import { StateDrawing } from "@/components/docs/state-drawing";
import { StateTables } from "@/components/docs/state-tables";
import { StatusTable } from "@/components/docs/status-table";
import { PageHeader } from "@/components/ui/page-header";
import { RunChip, statusWord, stepStatus } from "@/components/ui/status-chip";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import type { MessageState, RunState, StepState } from "@/lib/words";
import { messageSetInfo, runSetInfo } from "@/lib/workflow/outcome";
import {
  type Machine,
  messageMachine,
  runMachine,
  stepMachine,
  workOrderMachine,
} from "@/lib/workflow/states";
import { messageStatuses, runStatuses, type StatusInfo, stepStatuses } from "@/lib/workflow/status";

export const metadata: Metadata = {
  title: "States",
  description:
    "Every status and error type with what to do about it, and every state of runs, work orders, steps and messages.",
};

const ofRun = (state: RunState): Look => ({ status: state, word: state });
const ofStep = (state: StepState): Look => ({
  status: state === "running" ? state : stepStatus({ exitReason: state }),
  word: state,
});
const ofMessage = (state: MessageState): Look => ({
  status: state === "waiting" ? "pending" : state,
  word: state === "waiting" ? state : statusWord(state),
});

export default function StatesPage() {
  return (
    <>
      <PageHeader
        title="States"
        description="Every state there is, and every way between them. Drawn from the table that the code itself uses, and that tests hold it to."
      />
      <div className="grid gap-10">
        <section aria-labelledby="statuses" className="grid min-w-0 gap-4">
          <div>
            <h2 id="statuses" className="font-semibold text-lg tracking-[-0.01em]">
              Statuses and error types
            </h2>
            <p className="max-w-prose text-muted-foreground leading-relaxed">
              Every way in which a run stands or ends, with the errors that lead to it. A work order has the
              status of its last run. After an error that does not end the run, the edges that follow a
              failure are taken, and a failure that another step followed is handled. What ends the run ends
              all of it: nothing after it is executed.
            </p>
          </div>
          <StatusTable />
        </section>
        <MachineSection id="run" title="Run" of="a run" machine={runMachine} info={runStatuses} look={ofRun}>
          One attempt at a work order. Where it has ended it stays: running it again makes another run.
        </MachineSection>
        <MachineSection
          id="work-order"
          title="Work order"
          of="a work order"
          machine={workOrderMachine}
          look={ofRun}
        >
          “Do this workflow for this message.” It has the state of its last run, and is never at an end while
          one of its runs is not. Its states mean what they mean of a run.
        </MachineSection>
        <MachineSection
          id="step"
          title="Step"
          of="a step"
          machine={stepMachine}
          info={stepStatuses}
          look={ofStep}
        >
          One job’s execution in a run. A step that was started is never run a second time by itself.
        </MachineSection>
        <Handled />
        <MachineSection
          id="message"
          title="Message"
          of="a message"
          machine={messageMachine}
          info={messageStatuses}
          look={ofMessage}
        >
          A message itself never changes. These are the chips beside it in the inbox: one for each job that
          has run for it, in progress while it is under way, else decided by the execution that finished last.
        </MachineSection>
      </div>
    </>
  );
}

/** What is said of an end besides its state, and which set each word of a filter means. */
function Handled() {
  return (
    <section aria-labelledby="handled" className="grid min-w-0 gap-4">
      <div>
        <h2 id="handled" className="font-semibold text-lg tracking-[-0.01em]">
          Failed, handled
        </h2>
        <p className="max-w-prose text-muted-foreground leading-relaxed">
          A step’s failure is handled when another step of its run was started because of it. A run whose
          branches all end with success is a success, whatever failed on the way: then both is said,{" "}
          <RunChip run={{ state: "success", handled: true }} />. A work order has both from its last run.
          These are the sets that the pages and the API count and filter by.
        </p>
      </div>
      <div className="grid gap-4 lg:grid-cols-2 lg:items-start">
        <Sets of="Runs, in the activity history" sets={runSetInfo} />
        <Sets of="Messages, in the inbox" sets={messageSetInfo} />
      </div>
    </section>
  );
}

function Sets({ of, sets }: { of: string; sets: Record<string, { label: string; meaning: string }> }) {
  return (
    <Table className="table-fixed">
      <TableHeader>
        <TableRow>
          <TableHead className="w-36 sm:w-44">{of}</TableHead>
          <TableHead>What is in it</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {Object.entries(sets).map(([word, { label, meaning }]) => (
          <TableRow key={word}>
            <TableCell className="align-top">
              {label}
              <code className="block font-mono text-muted-foreground text-xs">{word}</code>
            </TableCell>
            <TableCell className="leading-relaxed">{meaning}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

type MachineSectionProps<S extends string> = {
  id: string;
  title: string;
  of: string;
  machine: Machine<S>;
  info?: Record<S, StatusInfo>;
  look: (state: S) => Look;
  children: ReactNode;
};

function MachineSection<S extends string>({ id, title, children, ...drawn }: MachineSectionProps<S>) {
  return (
    <section aria-labelledby={id} className="grid min-w-0 gap-4">
      <div>
        <h2 id={id} className="font-semibold text-lg tracking-[-0.01em]">
          {title}
        </h2>
        <p className="max-w-prose text-muted-foreground leading-relaxed">{children}</p>
      </div>
      <StateDrawing {...drawn} />
      <StateTables {...drawn} />
    </section>
  );
}
