declare module "json-diff" {
  /** Text of what differs, empty when nothing does. */
  export function diffString(before: unknown, after: unknown, options?: { color?: boolean }): string;
}
