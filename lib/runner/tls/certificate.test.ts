import { X509Certificate } from "node:crypto";
import * as esbuild from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { bundles, entries } from "@/lib/launcher/entries.mjs";
import { makeCertificate, neverEnds } from "./certificate";

const validFrom = new Date("2026-01-02T03:04:05Z");
const read = (pem: string) => new X509Certificate(pem);

const own = await makeCertificate({
  name: "Läufer 1",
  hosts: ["runner.example", "10.1.2.3", "fd00::7:1", "::ffff:1.2.3.4", "::"],
  validFrom,
  validTo: neverEnds,
});
const certificate = read(own.cert);

describe("a certificate of our own making", () => {
  test("is one that OpenSSL reads as it was meant", () => {
    expect(certificate.subject).toBe("CN=Läufer 1");
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.ca).toBe(false);
    expect(new Date(certificate.validFrom)).toEqual(validFrom);
    expect(new Date(certificate.validTo)).toEqual(neverEnds);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(certificate.subjectAltName).toContain("DNS:runner.example");
  });

  test("stands for its hosts and no others", () => {
    expect(certificate.checkHost("runner.example")).toBe("runner.example");
    expect(certificate.checkHost("other.example")).toBeUndefined();
    for (const address of ["10.1.2.3", "fd00::7:1", "::ffff:102:304", "::"])
      expect(certificate.checkIP(address), address).toBeDefined();
    expect(certificate.checkIP("10.1.2.4")).toBeUndefined();
  });

  test.each(["one, O=two", 'a "b" \\c + CN=d', "#0500", " ", "行者"])(
    "is called %j and nothing else",
    async (name) => {
      const { cert } = await makeCertificate({ name, validFrom, validTo: neverEnds });
      expect(read(cert).toLegacyObject().subject).toEqual({ CN: name });
    },
  );

  test("is signed by its own key", async () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const other = await makeCertificate({ name: "Läufer 1", validFrom, validTo: neverEnds });
    expect(certificate.verify(read(other.cert).publicKey)).toBe(false);
    expect(read(other.cert).serialNumber).not.toBe(certificate.serialNumber);
  });
});

test("an authority signs what is not itself one", async () => {
  const name = "Authority";
  const authority = await makeCertificate({ name, isAuthority: true, validFrom, validTo: neverEnds });
  const leaf = read(
    (await makeCertificate({ name: "leaf", issuer: { ...authority, name }, validFrom, validTo: neverEnds }))
      .cert,
  );
  expect(read(authority.cert).ca).toBe(true);
  expect(leaf.checkIssued(read(authority.cert))).toBe(true);
  expect(leaf.verify(read(authority.cert).publicKey)).toBe(true);
  expect(leaf.ca).toBe(false);
});

describe("the process of a runner", () => {
  afterAll(() => esbuild.stop());

  test("has the library that makes them only once it makes one", async () => {
    const { node } = bundles("nowhere", { runner: entries.runner });
    const { metafile } = await esbuild.build({ ...node, write: false, metafile: true });
    const imports = Object.values(metafile?.outputs ?? {}).flatMap((output) => output.imports);
    const kinds = imports.filter(({ path }) => path === "@peculiar/x509").map(({ kind }) => kind);
    expect(kinds).toEqual(["dynamic-import"]);
  });
});
