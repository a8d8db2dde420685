// A fake Cloudflare Access: a team with a key, its certs, and the tokens that it signs.

import { once } from "node:events";
import * as http from "node:http";
import { webcrypto } from "node:crypto";

export const TEAM = "team.cloudflareaccess.com";
export const AUDIENCE = "an application's tag";

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Makes a key pair with an id; `jwk` is its public half. */
export async function makeKey(kid) {
  const algorithm = { ...RS256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const jwk = await webcrypto.subtle.exportKey("jwk", pair.publicKey);
  return { kid, private: pair.privateKey, jwk: { ...jwk, kid, use: "sig" } };
}

/** Signs a token of the team for the application, valid for an hour, with the given changes. */
export async function sign(key, { header = {}, claims = {} } = {}) {
  const now = Math.floor(Date.now() / 1_000);
  const times = { iat: now, nbf: now, exp: now + 3_600 };
  const who = { email: "ada@example.org", sub: "1", type: "app" };
  const all = { iss: `https://${TEAM}`, aud: [AUDIENCE], ...who, ...times, ...claims };
  const signed = `${encode({ alg: "RS256", kid: key.kid, typ: "JWT", ...header })}.${encode(all)}`;
  const signature = await webcrypto.subtle.sign(RS256, key.private, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

/** Plays the internet: `team.keys` are the team's certs, and `feed` answers everything else. If
 *  `team.fault` is set, it answers instead of the certs: `(response, certs)`. */
export async function playTeam(keys, feed = (_, response) => response.end()) {
  const team = { keys, asked: [], fault: null };
  const server = http.createServer((request, response) => {
    const url = request.headers["x-original-url"];
    if (!url.startsWith(`https://${TEAM}/`)) return feed(request, response);
    team.asked.push(url);
    response.setHeader("content-type", "application/json");
    const certs = JSON.stringify({ keys: team.keys.map(({ jwk }) => jwk) });
    return team.fault ? team.fault(response, certs) : response.end(certs);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  team.url = `http://127.0.0.1:${server.address().port}`;
  team.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return team;
}
