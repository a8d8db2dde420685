// The minimal fan-out on Cloudflare: a Worker that forwards requests, and a Durable Object that
// sends each frame to its hibernatable sockets. It receives acknowledgements and ignores them.

import { DurableObject } from "cloudflare:workers";

export class BareObject extends DurableObject {
  #keyframe = null;
  #next = 0;

  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/keyframe":
        this.#keyframe = await request.arrayBuffer();
        return new Response();
      case "/send": {
        const frame = await request.arrayBuffer();
        for (const socket of this.ctx.getWebSockets()) socket.send(frame);
        return new Response();
      }
      default: {
        const { 0: client, 1: server } = new WebSocketPair();
        this.ctx.acceptWebSocket(server);
        this.#next += 1;
        // As much as a region keeps with a socket.
        server.serializeAttachment(JSON.stringify([2 ** 50 + this.#next, {
          format: "Binary", caller: { V4: request.headers.get("CF-Connecting-IP") },
          acknowledged: 1_000, bytes: 0, stale: 0, slow: null, is_closed: false,
        }]));
        server.send(this.#keyframe);
        const headers = { "Sec-WebSocket-Protocol": "overflight.v3" };
        return new Response(null, { status: 101, webSocket: client, headers });
      }
    }
  }

  webSocketMessage() {}

  webSocketClose(socket) {
    socket.close();
  }
}

export default {
  fetch: (request, env) => env.BARE.getByName("world").fetch(request),
};
