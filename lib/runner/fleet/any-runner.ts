import { NotStartedError, type Runner, type StepFate, type StepRunner } from "@/lib/runner/contract";
import { unreachable } from "@/lib/runner/unreachable";

/** A runner that answers: whoever is there, and the life that is there now. */
export type Present = { here: Runner; life: StepRunner };

/**
 * Whoever of several runners answers. `present` gives them at each call, the one first that the project keeps to. What
 * only one of them can know is asked of all. Throws `unavailable` when none answers.
 */
export function anyRunner(present: (projectId: string) => Promise<Present[]>): Runner {
  async function everybody(projectId = ""): Promise<[Present, ...Present[]]> {
    const [first, ...others] = await present(projectId);
    if (!first) throw unreachable();
    return [first, ...others];
  }
  const first = async (projectId?: string): Promise<Runner> => (await everybody(projectId))[0].here;

  return {
    async runStep(request, onLog, signal) {
      let refused: unknown;
      for (const { life } of await everybody(request.projectId)) {
        try {
          return await life.runStep(request, onLog, signal);
        } catch (error) {
          if (!(error instanceof NotStartedError)) throw error;
          refused = error;
        }
      }
      throw refused;
    },
    /** Of a step that nobody noted a life for: who knows a result has it. */
    async followStep(ref, onLog) {
      let fate: StepFate = { kind: "gone", hosts: null };
      for (const { here } of await everybody()) {
        const said = await here.followStep(ref, onLog);
        if (said.kind === "result") return said;
        if (said.kind === "gone" && said.hosts !== null) fate = said;
      }
      return fate;
    },
    async cancelStep(stepId) {
      await Promise.all((await everybody()).map(({ here }) => here.cancelStep(stepId)));
    },
    async forgetStep(ref) {
      await Promise.all((await everybody()).map(({ here }) => here.forgetStep(ref)));
    },
    evaluate: async (projectId, input, conditions) =>
      (await first(projectId)).evaluate(projectId, input, conditions),
    resolveAdaptor: async (name, version) => (await first()).resolveAdaptor(name, version),
    listAdaptors: async () => (await first()).listAdaptors(),
    publishedVersions: async (name) => (await first()).publishedVersions(name),
    /** Whoever built it has it. */
    async exportArtefact(hash) {
      let refused: unknown;
      for (const { here } of await everybody()) {
        try {
          return await here.exportArtefact(hash);
        } catch (error) {
          refused = error;
        }
      }
      throw refused;
    },
    importArtefact: async (hash, bytes) => (await first()).importArtefact(hash, bytes),
    health: async () => (await first()).health(),
  };
}
