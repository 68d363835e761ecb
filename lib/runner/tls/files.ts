import fs from "node:fs";
import { errorCode } from "@/lib/error-code";

/** The text of a PEM file that a setting names. Throws a sentence when there is none. */
export function pemFile(setting: string, file: string): string {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${setting} names ${file}, which cannot be read (${errorCode(error)}).`);
  }
  if (!text.includes("-----BEGIN ")) throw new Error(`${setting} names ${file}, which is no PEM file.`);
  return text;
}
