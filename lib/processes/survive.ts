import { isOutage } from "@/db/outage";
import { causes, errorCode } from "@/lib/error-code";
import { exitCodes } from "@/lib/launcher/exit-codes.mjs";
import { log } from "@/lib/log";

/** A defect (EX_SOFTWARE). */
const defectCode = 70;

/** Whether an error says that something outside is away, full or ended: a connection, a disk, places for open files. */
const canPass = (error: unknown): boolean =>
  causes(error).some((one) => isOutage(one) || (/^E[A-Z]+$/.test(errorCode(one)) && isOfSystem(one)));

const isOfSystem = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "syscall" in error;

/** Exit code of a process that cannot begin. */
export const codeOf = (error: unknown): number =>
  causes(error).some((one) => isOutage(one)) ? exitCodes.away : 1;

/**
 * No event that nobody listens to and no rejection that nobody handles ends this process while it can go on; what cannot
 * go on says so and exits. To be called first.
 */
export function surviveErrors(): void {
  // Under a full disk or a closed terminal the words are lost, not who says them.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  process.on("unhandledRejection", (error) => log.error("a rejection that nobody handled", { error }));
  process.on("uncaughtException", (error) => {
    if (canPass(error)) return log.error("an error that nobody listened for", { error });
    log.error("a defect: this process ends and is started again", { error });
    process.exit(defectCode);
  });
}
