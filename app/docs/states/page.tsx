import type { Metadata } from "next";
import type { ReactNode } from "react";
import type { Look } from "@/components/docs/state-chip";
import { StateDrawing } from "@/components/docs/state-drawing";
import { StateTables } from "@/components/docs/state-tables";
import { PageHeader } from "@/components/ui/page-header";
import { stepStatus } from "@/components/ui/status-chip";
import type { MessageState, RunState, StepState } from "@/lib/words";
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
  description: "Every state of runs, work orders, steps and messages, and every way between them.",
};

const ofRun = (state: RunState): Look => ({ status: state, word: state });
const ofStep = (state: StepState): Look => ({
  status: state === "running" ? state : stepStatus(state),
  word: state,
});
const ofMessage = (state: MessageState): Look => ({
  status: state === "waiting" ? "pending" : state,
  word: state === "in_progress" ? "in progress" : state,
});

export default function StatesPage() {
  return (
    <>
      <PageHeader
        title="States"
        description="Every state there is, and every way between them. Drawn from the table that the code itself uses, and that tests hold it to."
      />
      <div className="grid gap-10">
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
        <MachineSection
          id="message"
          title="Message"
          of="a message"
          machine={messageMachine}
          info={messageStatuses}
          look={ofMessage}
        >
          A message itself never changes. These are the chips beside it in the inbox: one for each job that
          has run for it, decided by the execution that finished last.
        </MachineSection>
      </div>
    </>
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
