import { parentPort, workerData } from "node:worker_threads";
import { stringifyExact } from "@/lib/exact-json";
import { mendJsonParse } from "@/lib/json-keys";
import { type OpenTask, plain } from "./apart";
import { openFiles } from "./formats/open";

/** What the thread is given. */
export type ThreadTask = OpenTask;

mendJsonParse();
const { files, options } = workerData as ThreadTask;
// As text: a copy between threads would forget that an `ExactNumber` is one.
parentPort?.postMessage(stringifyExact(plain(openFiles(files, options))));
