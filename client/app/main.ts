// Starts the page: the map, the decoder and the connection, each as soon as it can.

import { parseAddress } from "./page/address.ts";
import { App } from "./app.ts";
import { byId, setText } from "./page/element.ts";
import type { Handle } from "./handle.ts";
import { keepGlow } from "./map/glow.ts";
import { LivePicture } from "./data/live-picture.ts";
import { bringFineOutlines, bringOutlines, changeTheme, createMap } from "./map/map.ts";
import { LiveSocket } from "./data/socket.ts";
import { themeFor } from "./map/theme.ts";

/** Milliseconds out of sight, after which the connection is let go. */
const HIDDEN_PATIENCE = 30_000;
const STATUS_EVERY = 15_000;

await start().catch((error: unknown) => {
  console.error(error);
  byId("empty").hidden = false;
  setText(byId("empty"), "The map cannot be drawn here: it needs WebGL 2 and WebAssembly");
});

async function start(): Promise<void> {
  const light = matchMedia("(prefers-color-scheme: light)");
  const map = createMap(byId("map"), themeFor(light.matches), parseAddress(location.hash));
  const styled = new Promise<void>((resolve) => map.once("style.load", () => resolve()));
  let app: App | null = null;
  const live = await LivePicture.load(() => app?.onFrame());
  app = new App(map, live, themeFor(light.matches));
  const page = app;
  light.addEventListener("change", () => {
    changeTheme(map, themeFor(light.matches));
    page.setLight(light.matches);
  });
  const socket = new LiveSocket({
    url: `${location.origin.replace(/^http/, "ws")}/api/live/world`,
    protocol: live.protocol,
    receiver: live,
    onState: (state) => page.onSocket(state),
  });
  whileVisible(socket, page);
  await styled;
  map.addLayer(page.layer);
  // After a lost WebGL context MapLibre makes its own layers again, and loads the style anew.
  map.on("style.load", () => {
    if (map.getLayer(page.layer.id) === undefined) map.addLayer(page.layer);
  });
  page.navigation.begin();
  keepGlow(map);
  page.countries.setPlaces(await bringOutlines(map));
  expose(page, live, map);
  await bringFineOutlines(map);
}

/** Keeps the connection and the clocks going while someone can see the page. */
function whileVisible(socket: LiveSocket, app: App): void {
  let letGo: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(letGo);
    if (!navigator.onLine) {
      socket.pause();
    } else if (document.hidden) {
      letGo = setTimeout(() => socket.pause(), HIDDEN_PATIENCE);
    } else {
      socket.start();
      void app.notices.refreshStatus();
    }
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  window.addEventListener("offline", look);
  setInterval(() => app.tick(), 1_000);
  setInterval(() => {
    if (!document.hidden) void app.notices.refreshStatus();
  }, STATUS_EVERY);
  void app.refreshDates();
  look();
}

/** What browser tests look at; see handle.ts. */
function expose(app: App, live: LivePicture, map: ReturnType<typeof createMap>): void {
  const handle: Handle = {
    get count() { return app.layer.count; },
    get sequence() { return live.sequence; },
    get time() { return app.shown.picture.time; },
    get framesDrawn() { return app.layer.frames; },
    get selected() { return app.shown.selected; },
    get idle() { return map.loaded() && !map.isMoving(); },
    drawn: (icao24) => app.drawn(icao24),
    pixel: (longitude, latitude) => {
      const { x, y } = map.project([longitude, latitude]);
      return [x, y];
    },
  };
  window.overflight = handle;
}
