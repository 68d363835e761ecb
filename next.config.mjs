/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  compress: false,
  skipTrailingSlashRedirect: true,
  reactStrictMode: true,
  serverExternalPackages: ["pg", "inngest", "nodemailer", "ws", "@neondatabase/serverless"],
  experimental: { proxyClientMaxBodySize: "20mb" },
};
