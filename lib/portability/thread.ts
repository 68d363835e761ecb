import { parentPort, workerData } from "node:worker_threads";
import { plain } from "./apart";
import { parseSpec, type SpecFiles } from "./parse";

export type ParseTask = { yaml: string; files: SpecFiles };

const { yaml, files } = workerData as ParseTask;
parentPort?.postMessage(plain(parseSpec(yaml, files)));
