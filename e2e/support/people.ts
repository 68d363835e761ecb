import { randomUUID } from "node:crypto";
import { type APIRequestContext, expect, type Page } from "@playwright/test";

export const password = "correct horse battery";

export type Person = { name: string; email: string };

export const newEmail = (): string => `e2e-${randomUUID()}@example.org`;

/** Registers somebody new; the requests and pages of the same browser context are signed in from then on. */
export async function register(request: APIRequestContext, name = "Ada Lovelace"): Promise<Person> {
  const person = { name, email: newEmail() };
  const response = await request.post("/api/auth/register", { data: { ...person, password } });
  expect(response.status(), await response.text()).toBe(201);
  return person;
}

/** Fills and sends the sign-in form, which the page must show. */
export async function signIn(page: Page, { email }: Pick<Person, "email">, secret = password): Promise<void> {
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}
