// The same as bare_object.js on Node, with the package `ws`. It is forked by fanout.mjs, and sends
// its address there.

import { once } from "node:events";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

let keyframe = null;
const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const bytes = Buffer.concat(parts);
  if (request.url === "/keyframe") keyframe = bytes;
  else for (const socket of sockets.clients) socket.send(bytes);
  response.end();
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => {
  socket.on("message", () => {});
  socket.send(keyframe);
});
process.once("disconnect", () => process.exit());

server.listen(0, "127.0.0.1");
await once(server, "listening");
process.send({ url: `http://127.0.0.1:${server.address().port}`, pid: process.pid });
