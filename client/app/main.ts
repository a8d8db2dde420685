// Starts the page: the map, the decoder and the connection, each as soon as it can.

import { fetchSubprotocols } from "./data/api.ts";
import { parseAddress } from "./page/address.ts";
import { App } from "./app.ts";
import { byId, setText } from "./page/element.ts";
import { loadDecoder } from "./data/decoder.ts";
import { FineRegions, type Connection } from "./data/fine-regions.ts";
import type { Handle } from "./handle.ts";
import { keepGlow } from "./map/glow.ts";
import { InstanceBuffer } from "./map/instance-buffer.ts";
import { LivePicture, WORLD } from "./data/live-picture.ts";
import { bringFineOutlines, bringOutlines, changeTheme, createMap } from "./map/map.ts";
import { LiveSocket, type SocketState } from "./data/socket.ts";
import { themeFor } from "./map/theme.ts";

/** Milliseconds in a hidden tab after which the connections are closed. */
const HIDDEN_PATIENCE = 30_000;
const STATUS_EVERY = 15_000;

await start().catch((error: unknown) => {
  console.error(error);
  byId("empty").hidden = false;
  setText(byId("empty"), "This browser cannot draw the map: it needs WebGL 2 and WebAssembly");
});

async function start(): Promise<void> {
  const light = matchMedia("(prefers-color-scheme: light)");
  const map = createMap(byId("map"), themeFor(light.matches), parseAddress(location.hash));
  const styled = new Promise<void>((resolve) => map.once("style.load", () => resolve()));
  let app: App | null = null;
  const instances = new InstanceBuffer(await loadDecoder());
  const live = new LivePicture(() => app?.onFrame());
  const fine = new FineRegions({
    regions: live.regions,
    // If a region is unavailable, `world` shows the same aircraft, so the page does not say so.
    connect: (region) => connect(live, region, () => {}),
    closed: (region) => live.close(region),
  });
  app = new App(map, { live, fine, instances }, themeFor(light.matches));
  const page = app;
  light.addEventListener("change", () => {
    changeTheme(map, themeFor(light.matches));
    page.setLight(light.matches);
  });
  const world = connect(live, WORLD, (state) => page.onSocket(state));
  whileVisible([world, fine], page);
  await styled;
  map.addLayer(page.layer);
  // After a lost WebGL context MapLibre makes its own layers again, and loads the style anew.
  map.on("style.load", () => {
    if (map.getLayer(page.layer.id) === undefined) map.addLayer(page.layer);
  });
  page.navigation.begin();
  keepGlow(map);
  page.countries.setPlaces(await bringOutlines(map));
  expose(page, { live, fine }, map);
  await bringFineOutlines(map);
}

/** Whether the server no longer speaks the page's protocol: a new version was deployed. */
async function isOutdated(protocol: string): Promise<boolean> {
  const spoken = await fetchSubprotocols();
  return spoken !== null && !spoken.includes(protocol);
}

function connect(
  live: LivePicture, region: string, onState: (state: SocketState) => void,
): LiveSocket {
  return new LiveSocket({
    isOutdated: () => isOutdated(live.protocol),
    url: `${location.origin.replace(/^http/, "ws")}/api/live/${region}`,
    protocol: live.protocol,
    receiver: live.receiver(region),
    onState,
  });
}

/** Keeps connections and timers running while the page is visible. */
function whileVisible(connections: Connection[], app: App): void {
  let pausing: ReturnType<typeof setTimeout> | undefined;
  const pause = (): void => {
    for (const connection of connections) connection.pause();
  };
  const look = (): void => {
    clearTimeout(pausing);
    if (!navigator.onLine) {
      pause();
    } else if (document.hidden) {
      pausing = setTimeout(pause, HIDDEN_PATIENCE);
    } else {
      for (const connection of connections) connection.start();
      void app.notices.refreshStatus();
    }
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  window.addEventListener("online", () => void app.refreshDates());
  window.addEventListener("offline", look);
  setInterval(() => app.tick(), 1_000);
  setInterval(() => {
    if (!document.hidden) void app.notices.refreshStatus();
  }, STATUS_EVERY);
  void app.refreshDates();
  look();
}

/** Sets the handle for browser tests; see handle.ts. */
function expose(
  app: App,
  { live, fine }: { live: LivePicture; fine: FineRegions },
  map: ReturnType<typeof createMap>,
): void {
  const handle: Handle = {
    get count() { return app.layer.count; },
    get sequence() { return live.sequence; },
    get time() { return app.shown.picture.time; },
    get framesDrawn() { return app.layer.frames; },
    get selected() { return app.shown.selected; },
    get idle() { return map.loaded() && !map.isMoving(); },
    get regions() { return fine.open; },
    drawn: (icao24) => app.drawn(icao24),
    source: (icao24) => app.shown.picture.source(icao24),
    pixel: (longitude, latitude) => {
      const { x, y } = map.project([longitude, latitude]);
      return [x, y];
    },
  };
  window.overflight = handle;
}
