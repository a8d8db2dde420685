// The glow of the air around the globe: one gradient behind the canvas that is scaled with the
// globe. MapLibre's own atmosphere marches a ray for every pixel of the page, every frame.

import type { Map } from "maplibre-gl";
import { byId } from "../page/element.ts";

/** Pixels of the element before it is scaled. */
const SIZE = 1_000;
/** How far the glow reaches beyond the globe's edge, as a share of its radius. */
const REACH = 1 / 0.915;
/** Degrees of tilt at which the globe has left the middle of the page. */
const TILT_MAX = 5;
/** Above this the edge is far outside the page, and the globe is about to become a plane. */
const ZOOM_MAX = 6;

export function keepGlow(map: Map): void {
  const element = byId("glow");
  const follow = (): void => {
    const globe = map.getProjection()?.type === "globe";
    element.hidden = !globe || map.getPitch() > TILT_MAX || map.getZoom() > ZOOM_MAX;
    if (element.hidden) return;
    const scale = (2 * REACH * edgeRadius(map)) / SIZE;
    element.style.transform = `translate(-50%, -50%) scale(${scale.toFixed(4)})`;
  };
  map.on("move", follow);
  map.on("resize", follow);
  map.on("projectiontransition", follow);
  follow();
}

/** CSS pixels from the middle of the page to the globe's edge. */
function edgeRadius(map: Map): number {
  const { clientHeight } = map.getCanvas();
  const latitude = map.getCenter().lat * (Math.PI / 180);
  const radius = (512 * 2 ** map.getZoom()) / (2 * Math.PI) / Math.cos(latitude);
  const distance = clientHeight / 2 / Math.tan((map.getVerticalFieldOfView() * Math.PI) / 360);
  // The edge is where a ray from the camera touches the sphere.
  return distance * Math.tan(Math.asin(radius / (radius + distance)));
}
