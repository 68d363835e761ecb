import { mendJsonParse } from "@/lib/json-keys";

/** Loaded before all else (`--import`): drivers take `JSON.parse` once, when they are loaded. */
mendJsonParse();
