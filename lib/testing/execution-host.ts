import type { ExecutionHost } from "@/lib/execution/host";
import type { Runner } from "@/lib/runner/contract";
import { testDatabase } from "./database";
import { hostOn } from "./host-on";

/** `hostOn` the test run's database. */
export const testExecutionHost = (runner: Runner): ExecutionHost => hostOn(testDatabase(), runner);
