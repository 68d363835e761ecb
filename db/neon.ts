/** Whether a connection string leads to Neon, which its own driver reaches by WebSocket and HTTP. No Node APIs here. */
export const isNeon = (url: string): boolean => new URL(url).hostname.endsWith(".neon.tech");

/** The same database without Neon's connection pooler, behind which LISTEN hears nothing. Other URLs as they are. */
export function withoutPooler(url: string): string {
  if (!isNeon(url)) return url;
  const direct = new URL(url);
  direct.hostname = direct.hostname.replace(/^([^.]+)-pooler\./, "$1.");
  return direct.href;
}
