/** The file's text: esbuild's `text` loader in the bundles, a plugin of vitest.config.ts in tests. */
declare module "*.sql" {
  const text: string;
  export default text;
}
