import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { makeCertificate, neverEnds } from "./certificate";

const validFrom = new Date("2026-01-02T03:04:05Z");
const read = (pem: string) => new X509Certificate(pem);

describe("a certificate of our own making", () => {
  const own = makeCertificate({
    name: "Läufer 1",
    hosts: ["runner.example", "10.1.2.3", "fd00::7:1", "::ffff:1.2.3.4", "::"],
    validFrom,
    validTo: neverEnds,
  });
  const certificate = read(own.cert);

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

  test("is signed by its own key", () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const other = makeCertificate({ name: "Läufer 1", validFrom, validTo: neverEnds });
    expect(certificate.verify(read(other.cert).publicKey)).toBe(false);
    expect(read(other.cert).serialNumber).not.toBe(certificate.serialNumber);
  });
});

test("an authority signs what is not itself one", () => {
  const name = "Authority";
  const authority = makeCertificate({ name, isAuthority: true, validFrom, validTo: neverEnds });
  const leaf = read(
    makeCertificate({ name: "leaf", issuer: { ...authority, name }, validFrom, validTo: neverEnds }).cert,
  );
  expect(read(authority.cert).ca).toBe(true);
  expect(leaf.checkIssued(read(authority.cert))).toBe(true);
  expect(leaf.verify(read(authority.cert).publicKey)).toBe(true);
  expect(leaf.ca).toBe(false);
});
