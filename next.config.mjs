// @ts-check
import { settings } from "./lib/settings/settings.mjs";

// The launcher builds each version into a directory of its own, and types are checked by `npm run verify`.
const dist = process.env.WAYBILL_DIST;
const tsconfigPath = process.env.WAYBILL_TSCONFIG;

// Next hands a route on the edge only so much of a body and cuts the rest off silently: more than the inbox accepts.
const maxBodyBytes = Number(process.env.MAX_BODY_BYTES) || settings.MAX_BODY_BYTES.default;

/** @type {import('next').NextConfig} */
export default {
  ...(dist ? { distDir: dist } : {}),
  ...(tsconfigPath ? { typescript: { ignoreBuildErrors: true, tsconfigPath } } : {}),
  poweredByHeader: false,
  compress: false,
  skipTrailingSlashRedirect: true,
  reactStrictMode: true,
  serverExternalPackages: [
    "pg",
    "inngest",
    "nodemailer",
    "ws",
    "@neondatabase/serverless",
    "@zxcvbn-ts/language-common",
  ],
  experimental: {
    proxyClientMaxBodySize: Math.max(20_000_000, 2 * maxBodyBytes),
    // Every page and route in memory at start, also those that nobody opens: half as much again, and no first answer is sooner.
    preloadEntriesOnStart: false,
  },
};
