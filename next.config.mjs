// The launcher builds each version into a directory of its own, and types are checked by `npm run verify`.
const dist = process.env.WAYBILL_DIST;
const tsconfigPath = process.env.WAYBILL_TSCONFIG;

/** @type {import('next').NextConfig} */
export default {
  ...(dist ? { distDir: dist } : {}),
  ...(tsconfigPath ? { typescript: { ignoreBuildErrors: true, tsconfigPath } } : {}),
  poweredByHeader: false,
  compress: false,
  skipTrailingSlashRedirect: true,
  reactStrictMode: true,
  serverExternalPackages: ["pg", "inngest", "nodemailer", "ws", "@neondatabase/serverless"],
  experimental: { proxyClientMaxBodySize: "20mb" },
};
