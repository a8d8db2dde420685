// The built Worker as tests stage it: time that they set forward, and a crowd in front of a region.
//
// What is tested is the Worker's own code; only its clock is this one's. The crowd's sockets begin
// inside workerd, so that tens of thousands of them need no ports and no file descriptors.

import Worker from "../../build/index.js";

export * from "../../build/index.js";

const BYTES = "https://region/live?format=overflight.v1";

let ahead = 0;
const MachineDate = Date;

globalThis.Date = class extends MachineDate {
  constructor(...given) {
    super(...(given.length === 0 ? [Date.now()] : given));
  }

  static now() {
    return MachineDate.now() + ahead;
  }
};

export default class extends Worker {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/api/stage/clock") {
      ahead += Number(searchParams.get("seconds")) * 1_000;
      return new Response();
    }
    if (pathname === "/api/stage/crowd") {
      return crowd(this.env.REGION.getByName(searchParams.get("region")), searchParams.get("size"));
    }
    return super.fetch(request);
  }
}

/** A socket that is told once so many others are open; they are closed with it. */
async function crowd(region, size) {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  const headers = { Upgrade: "websocket" };
  const sockets = [];
  const open = async () => {
    while (sockets.length < size) {
      const { webSocket } = await region.fetch(BYTES, { headers });
      webSocket.accept();
      sockets.push(webSocket);
    }
    server.send(String(sockets.length));
  };
  server.addEventListener("close", () => sockets.forEach((socket) => socket.close()));
  open().catch((error) => server.close(1011, String(error)));
  return new Response(null, { status: 101, webSocket: client });
}
