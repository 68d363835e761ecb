import { commonPasswords } from "./common";

/** Whose password it is: what they are called is tried first. */
export type Person = { email: string; name?: string | null | undefined };

const advice = "Choose another one: a few words that have nothing to do with each other are fine.";
const sentences = {
  common: `This password is on the lists that are tried first. ${advice}`,
  pattern: `This password repeats itself or counts. ${advice}`,
  personal: `This password is made of your name, your address or ours. ${advice}`,
};

/** What is left of a password beside a word that is guessed must have more characters than this. */
const minRest = 7;
/** Steps along an alphabet, a row of keys or on the same character count as one: so many are too few. */
const maxRuns = 4;
const rows = [
  "abcdefghijklmnopqrstuvwxyz",
  "1234567890",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "azertyuiop",
];
const ourWords = ["waybill", "openfn"];
const leet: Record<string, string> = {
  "0": "o",
  "1": "l",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/**
 * Why a password is among the first that are guessed, as a sentence that says what to do instead; undefined when it is
 * not. No rules on what a password must contain: those make people choose `Password1!`.
 */
export async function passwordWeakness(password: string, person: Person): Promise<string | undefined> {
  const text = password.normalize("NFKC").toLowerCase().trim();
  if (isPattern(text)) return sentences.pattern;
  const readings = [text, plainly(text)];
  const personal = wordsOf(person);
  if (readings.some((reading) => isMadeOf(reading, personal))) return sentences.personal;
  const isCommon = await commonPasswords();
  const guesses = [...guessesIn(text), ...guessesIn(text).map(plainly), ...guessesIn(plainly(text))];
  return guesses.some(isCommon) ? sentences.common : undefined;
}

/** With letters in the place of the signs that stand for them. */
const plainly = (text: string): string => text.replace(/[013457@$!]/g, (sign) => leet[sign] ?? sign);

/** Few different characters, a short piece over and over, or steps along a row. */
function isPattern(text: string): boolean {
  const piece = /^(.{1,5}?)\1+/su.exec(text);
  const isRepeated = piece !== null && text.length - piece[0].length < (piece[1]?.length ?? 0) + 1;
  return new Set(text).size <= 3 || isRepeated || runsOf(text) <= maxRuns;
}

function runsOf(text: string): number {
  let runs = 1;
  let step: number | undefined;
  for (let i = 1; i < text.length; i++) {
    const next = stepBetween(text[i - 1] ?? "", text[i] ?? "");
    if (next === undefined || (step !== undefined && next !== step)) {
      runs++;
      step = undefined;
    } else step = next;
  }
  return runs;
}

/** -1, 0 or 1 along a row, in which the last key is followed by the first; undefined for anything else. */
function stepBetween(one: string, other: string): number | undefined {
  if (one === other) return 0;
  for (const row of rows) {
    const [a, b] = [row.indexOf(one), row.indexOf(other)];
    if (a < 0 || b < 0) continue;
    const apart = (b - a + row.length) % row.length;
    if (apart === 1) return 1;
    if (apart === row.length - 1) return -1;
  }
  return undefined;
}

/** The parts of a person's name and address that a guesser would take, longest first. */
function wordsOf({ email, name }: Person): string[] {
  const text = `${email} ${name ?? ""}`.normalize("NFKC").toLowerCase();
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length >= 3);
  return [...new Set([...words, ...ourWords])].sort((a, b) => b.length - a.length);
}

/** Whether hardly anything is left when the words are taken out. */
function isMadeOf(text: string, words: string[]): boolean {
  const bare = text.replace(/[^\p{L}\p{N}]+/gu, "");
  const rest = words.reduce((left, word) => left.replaceAll(word, ""), bare);
  return rest.length < bare.length && rest.length < minRest;
}

/** The password itself, without blanks and signs, half of a doubled one, and the word between its digits and signs. */
function guessesIn(text: string): string[] {
  const bare = text.replace(/[^\p{L}\p{N}]+/gu, "");
  const half = /^(.+)\1+$/su.exec(bare)?.[1];
  const word = /^[^\p{L}]*(.*?)[^\p{L}]*$/su.exec(text)?.[1] ?? "";
  const isMostOfIt = word.length >= 4 && text.length - word.length < minRest;
  return [text, bare, ...(half ? [half] : []), ...(isMostOfIt ? [word] : [])];
}
