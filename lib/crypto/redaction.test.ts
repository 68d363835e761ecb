import { afterEach, describe, expect, test, vi } from "vitest";
import { isRedacted, redact, redactionKey } from "./redaction";

const secret = "unit-secret-unit-secret-unit-secret-unit";
const clinic = "7f8e1a52-8f52-4d8a-9f6a-0d2c7c6f0b11";
const other = "b1c7d0aa-5b1d-4d0b-8f38-2b8f6f6f1c22";

afterEach(() => vi.unstubAllEnvs());

describe("what stands in the place of a redacted value", () => {
  test("says nothing of it, and is the same for the same value of one project alone", async () => {
    const [key, foreign] = [await redactionKey(secret, clinic), await redactionKey(secret, other)];
    const form = await redact(key, "Amina Diallo");
    expect(form).toMatch(/^redacted:[A-Za-z0-9_-]{22}$/);
    expect(isRedacted(form)).toBe(true);
    expect(await redact(key, "Amina Diallo")).toBe(form);
    expect(await redact(key, "Amina Diall")).not.toBe(form);
    expect(await redact(foreign, "Amina Diallo")).not.toBe(form);
    const elsewhere = await redactionKey(`${secret}-2`, clinic);
    expect(await redact(elsewhere, "Amina Diallo")).not.toBe(form);
  });

  test("is one for all the ways in which people write a value", async () => {
    const key = await redactionKey(secret, clinic);
    const form = await redact(key, "Zoë Diallo");
    for (const written of [" zoë diallo\n", "ZOË\t DIALLO", "Zoe\u0308 Diallo"])
      expect(await redact(key, written), written).toBe(form);
    expect(await redact(key, "Zoe Diallo")).not.toBe(form);
  });

  test("stays as it is when it is redacted again", async () => {
    const key = await redactionKey(secret, clinic);
    const form = await redact(key, "Amina");
    expect(await redact(key, form)).toBe(form);
    expect(isRedacted(`${form}x`)).toBe(false);
    expect(isRedacted(`x${form}`)).toBe(false);
    expect(isRedacted(`${form}\n`)).toBe(false);
  });

  test("is what somebody who looks for the value looks for", async () => {
    vi.stubEnv("SECRET_KEY", secret);
    const { redactedForm } = await import("./redacted-form");
    expect(await redactedForm(clinic, "amina diallo ")).toBe(
      await redact(await redactionKey(secret, clinic), "Amina Diallo"),
    );
  });
});
