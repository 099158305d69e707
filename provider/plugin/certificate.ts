import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/*
 * A certificate for one process: X.509 v3, self-signed, P-256, for `localhost`, which is the name that go-plugin's AutoMTLS
 * expects. Written by hand as DER (ITU-T X.690), because Node can read certificates and cannot make them.
 */

export interface Certificate {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly certificateDer: Buffer;
}

const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
};

const OID = {
  commonName: "550403",
  ecdsaWithSha256: "2a8648ce3d040302",
  subjectAltName: "551d11",
  extendedKeyUsage: "551d25",
  serverAuth: "2b06010505070301",
  clientAuth: "2b06010505070302",
};

const NAME = "localhost";
const VALID_BEFORE_MS = 5 * 60_000;
const VALID_AFTER_MS = 7 * 24 * 3_600_000;

const lengthBytes = (length: number): Buffer => {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(length);
  return length < 0x100 ? Buffer.from([0x81, length]) : Buffer.concat([Buffer.from([0x82]), bytes]);
};

const element = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthBytes(body.length), body]);
};

const sequence = (...content: readonly Uint8Array[]): Buffer => element(TAG.sequence, ...content);
const oid = (hex: string): Buffer => element(TAG.oid, Buffer.from(hex, "hex"));
const bitString = (content: Uint8Array): Buffer => element(TAG.bits, Buffer.from([0]), content);

/** UTCTime, as RFC 5280 asks for years before 2050: `261121120000Z`. */
const time = (atMs: number): Buffer =>
  element(TAG.utcTime, Buffer.from(`${new Date(atMs).toISOString().replace(/\D/g, "").slice(2, 14)}Z`));

const extension = (name: string, content: Uint8Array): Buffer => sequence(oid(name), element(TAG.octets, content));

const extensions = (host: string): Buffer => {
  const dnsName = element(0x82, Buffer.from(host));
  const usages = sequence(oid(OID.serverAuth), oid(OID.clientAuth));
  return element(
    0xa3,
    sequence(extension(OID.subjectAltName, sequence(dnsName)), extension(OID.extendedKeyUsage, usages)),
  );
};

/** 16 random bytes whose first bit is 0 and whose second is 1: a positive integer without leading zeros. */
const serialNumber = (): Buffer => {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return element(TAG.integer, bytes);
};

const pem = (der: Buffer): string => {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
};

/**
 * Makes a certificate, valid from now for the days that a process may run at most.
 * @param host the name that it is for
 */
export const selfSignedCertificate = (nowMs: number, host: string = NAME): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const version3 = element(0xa0, element(TAG.integer, Buffer.from([2])));
  const name = sequence(element(TAG.set, sequence(oid(OID.commonName), element(TAG.utf8, Buffer.from(host)))));
  const validity = sequence(time(nowMs - VALID_BEFORE_MS), time(nowMs + VALID_AFTER_MS));
  const publicInfo = publicKey.export({ type: "spki", format: "der" });
  const body = sequence(version3, serialNumber(), algorithm, name, validity, name, publicInfo, extensions(host));
  const certificateDer = sequence(body, algorithm, bitString(sign("sha256", body, privateKey)));
  return {
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificatePem: pem(certificateDer),
    certificateDer,
  };
};
