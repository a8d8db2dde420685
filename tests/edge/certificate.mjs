// An untrusted certificate: self-signed, for localhost, made in each run.

import { generateKeyPairSync, sign } from "node:crypto";

const der = (tag, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  const head = body.length < 128 ? [tag, body.length] : [tag, 0x82, ...length];
  return Buffer.concat([Buffer.from(head), body]);
};
const sequence = (...parts) => der(0x30, ...parts);

/** ecdsa-with-SHA256 (RFC 5758) and id-at-commonName (RFC 5280). */
const ALGORITHM = sequence(der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
const COMMON_NAME = der(0x06, [0x55, 0x04, 0x03]);

/** `{key, cert}` as PEM, for `tls.createServer`. */
export function selfSigned() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from("localhost")))));
  const validity = sequence(der(0x17, Buffer.from("250101000000Z")),
    der(0x17, Buffer.from("491231235959Z")));
  const subject = publicKey.export({ type: "spki", format: "der" });
  const signed = sequence(der(0x02, [1]), ALGORITHM, name, validity, name, subject);
  const signature = der(0x03, [0], sign("sha256", signed, privateKey));
  const body = sequence(signed, ALGORITHM, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
  };
}
