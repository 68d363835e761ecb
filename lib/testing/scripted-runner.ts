import { Refusal } from "@/lib/refusal";
import type {
  AdaptorInfo,
  EdgeExpression,
  PublishedVersions,
  Runner,
  RunnerHealth,
  StepFate,
  StepRef,
  StepRequest,
  StepResult,
} from "@/lib/runner/contract";

type Script = (request: StepRequest) => Partial<StepResult> | Promise<Partial<StepResult>>;

/** A runner that answers by script and counts, for tests of what happens around it. */
export class ScriptedRunner implements Runner {
  readonly started: StepRequest[] = [];
  readonly forgotten: string[] = [];
  readonly cancelled: string[] = [];
  /** The results that `followStep` knows. */
  readonly known = new Map<string, StepResult>();

  /** Artefacts it has, by hash. */
  readonly artefacts = new Map<string, Uint8Array>();

  /** What it says of every adaptor. */
  artefactHash = "";

  script: Script;

  constructor(script: Script = () => ({})) {
    this.script = script;
  }

  async runStep(request: StepRequest): Promise<StepResult> {
    this.started.push(request);
    return result(await this.script(request));
  }
  async followStep({ stepId }: StepRef): Promise<StepFate> {
    const known = this.known.get(stepId);
    return known ? { kind: "result", result: known } : { kind: "gone", hosts: null };
  }
  async cancelStep(stepId: string): Promise<void> {
    this.cancelled.push(stepId);
  }
  async forgetStep({ stepId }: StepRef): Promise<void> {
    this.forgotten.push(stepId);
  }
  async evaluate(
    _project?: string,
    _input?: string,
    _conditions?: EdgeExpression[],
  ): Promise<StepResult["conditions"]> {
    return {};
  }
  async resolveAdaptor(name: string, version: string): Promise<AdaptorInfo> {
    return {
      name,
      version,
      integrity: null,
      exports: [],
      credentialSchema: null,
      operations: [],
      overrides: null,
      artefactHash: this.artefactHash,
    };
  }
  async exportArtefact(hash: string): Promise<Uint8Array> {
    const bytes = this.artefacts.get(hash);
    if (!bytes) throw new Refusal("invalid", "This adaptor is not stored here. Install it again.");
    return bytes;
  }
  async importArtefact(hash: string, bytes: Uint8Array) {
    this.artefacts.set(hash, bytes);
    return this.resolveAdaptor("@openfn/language-common", "1.0.0");
  }
  async listAdaptors(): Promise<AdaptorInfo[]> {
    return [];
  }
  async publishedVersions(): Promise<PublishedVersions> {
    return { versions: [], latest: null };
  }
  async health(): Promise<RunnerHealth> {
    return {
      ok: true,
      life: "00000000-0000-4000-8000-000000000000",
      name: "scripted",
      capacity: 1,
      running: 0,
      isDraining: false,
      runtime: "scripted",
      isolation: [],
      workers: { blank: 0, idle: 0, busy: 0, limit: 0 },
      waiting: 0,
    };
  }
}

export const result = (partial: Partial<StepResult> = {}): StepResult => ({
  reason: "success",
  output: partial.reason && partial.reason !== "success" && partial.reason !== "fail" ? null : '{"data":{}}',
  error: null,
  conditions: {},
  durationMs: 1,
  peakMemoryMb: null,
  connections: [],
  ...partial,
});

export const failure = (type = "JobError", message = "no"): Partial<StepResult> => ({
  reason: "fail",
  error: { type, message },
});
