#!/usr/bin/env node
// Syntax here stays old on purpose: a Node that cannot run the rest must still be able to say so.
var version = process.versions.node.split(".").map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 9)) {
  console.error(
    "Waybill needs Node 20.9 or newer and this is " +
      process.version +
      ". Install Node 24 (https://nodejs.org), then run the same command again.",
  );
  process.exit(1);
}
import("./commands.mjs").then((commands) => commands.run(process.argv.slice(2)));
