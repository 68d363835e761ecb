import { CliFailure } from "@/lib/cli/failure";
import { Refusal } from "@/lib/refusal";

/** What is made of a server's project. One that no file can say is told as a failure, not as a defect. */
export function fromServer<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new CliFailure(error.message, { next: "Nothing was written.", cause: error });
  }
}
