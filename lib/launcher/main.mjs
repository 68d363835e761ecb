#!/usr/bin/env node
// @ts-check
// Syntax here stays old on purpose: a Node that cannot run the rest must still be able to say so.
// The pages' build needs require() of ES modules: Node 20.19 and 22.12.
var version = process.versions.node.split(".").map(Number);
var major = version[0] || 0;
var oldest = major === 20 ? 19 : major === 21 ? Infinity : major === 22 ? 12 : 0;
if (major < 20 || (version[1] || 0) < oldest) {
  console.error(
    "Waybill needs Node 20.19, 22.12 or newer, and this is " +
      process.version +
      ". Install Node 24 (https://nodejs.org), then run the same command again.",
  );
  process.exit(1);
}
import("./commands.mjs").then((commands) => commands.run(process.argv.slice(2)));
