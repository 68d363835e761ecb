import { parentPort, workerData } from "node:worker_threads";
import { stringifyExact } from "@/lib/exact-json";
import { plain } from "./apart";
import { parseSpec, type SpecFiles } from "./parse";

export type ParseTask = { yaml: string; files: SpecFiles };

const { yaml, files } = workerData as ParseTask;
// As text: a copy between threads would forget that an `ExactNumber` is one.
parentPort?.postMessage(stringifyExact(plain(parseSpec(yaml, files))));
