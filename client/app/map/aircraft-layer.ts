// The aircraft as one MapLibre custom layer: one instanced draw for each copy of the world in view.
//
// The decoder writes the buffer when a picture comes. Between pictures the GPU moves the aircraft,
// and the CPU asks for a frame only when something would have moved by a fraction of a pixel.

import {
  MercatorCoordinate, type CustomLayerInterface, type CustomRenderMethodInput, type Map,
} from "maplibre-gl";
import type { Picture } from "../data/picture.ts";
import type { InstanceBuffer } from "./instance-buffer.ts";
import { BLEND_MS, INSTANCE, blendLeft, drawn, latitudeOf, longitudeOf } from "./motion.ts";
import { pick } from "./picking.ts";
import { project, relativeMatrix, type View } from "./projection.ts";
import { AircraftProgram } from "./program.ts";
import { atlas } from "./silhouette.ts";
import { ATTRIBUTES } from "./shader.ts";
import type { Theme } from "./theme.ts";

/** m/s; the speed for which the next frame is scheduled. */
const FAST = 280;
/** Pixels: a smaller movement is invisible. */
const STILL = 0.2;
/** A new buffer's spare room: a picture seldom grows by a quarter. */
const ROOM_SPARE = 1.25;
/** The longest time between frames, milliseconds, so that old aircraft fade. */
const FRAME_MS_MAX = 1_000;
const EQUATOR_METRES = 40_075_017;
/** Zooms and CSS pixels of half an icon: a dart on the globe, an aircraft above a city. */
const ICON_SIZES: readonly [number, number][] = [[2, 4.6], [4, 7], [6, 10], [9, 14], [12, 17]];

export interface DrawnPlace {
  longitude: number;
  latitude: number;
  /** CSS pixels from the map's top left, or null behind the globe. */
  pixel: [number, number] | null;
}

export class AircraftLayer implements CustomLayerInterface {
  readonly id = "aircraft";
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  /** Frames drawn so far. */
  frames = 0;
  /** Called after each frame. */
  onFrame: () => void = () => {};

  #map: Map | null = null;
  #programs = new globalThis.Map<string, AircraftProgram>();
  #buffer: WebGLBuffer | null = null;
  #vertexArray: WebGLVertexArrayObject | null = null;
  #texture: WebGLTexture | null = null;
  /** The size of the buffer on the graphics card, bytes. */
  #room = 0;
  #stale = false;
  readonly #instances: InstanceBuffer;
  #blendFrom = -Infinity;
  #view: View | null = null;
  /** The selected aircraft's address, and its index in this picture. */
  #selected: number | null = null;
  #selectedIndex = -1;
  #hovered = -1;
  #timer = 0;
  #theme: Theme;
  readonly #now: () => number;

  /** `now` is the moment to draw, in Unix seconds: the present, or a past minute standing still. */
  constructor(instances: InstanceBuffer, theme: Theme, now: () => number) {
    this.#instances = instances;
    this.#theme = theme;
    this.#now = now;
  }

  get count(): number {
    return this.#instances.view.count;
  }

  /** Draws a picture from now on; `blend` lets known aircraft slide to their corrected places. */
  show(picture: Picture, blend: boolean): void {
    this.#instances.show(picture, this.#now(), blend ? this.#left() : null);
    this.#blendFrom = blend ? performance.now() : -Infinity;
    this.#stale = true;
    this.#hovered = -1;
    this.select(this.#selected);
    this.#map?.triggerRepaint();
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#map?.triggerRepaint();
  }

  select(icao24: number | null): void {
    this.#selected = icao24;
    this.#selectedIndex = icao24 === null ? -1 : this.#indexOf(icao24);
    this.#map?.triggerRepaint();
  }

  isSelected(index: number): boolean {
    return index === this.#selectedIndex;
  }

  hover(index: number): void {
    if (index === this.#hovered) return;
    this.#hovered = index;
    this.#map?.triggerRepaint();
  }

  icao24At(index: number): number | null {
    return this.#instances.view.icao24[index] ?? null;
  }

  /** The aircraft at these CSS pixels, or -1. */
  pick(x: number, y: number): number {
    if (this.#view === null) return -1;
    return pick(this.#view, this.#instances.view, this.#now(), this.#left(), [x, y]);
  }

  /** Where an aircraft is drawn at this moment. */
  placeOf(icao24: number): DrawnPlace | null {
    const index = this.#indexOf(icao24);
    if (index < 0) return null;
    const place = drawn(this.#instances.view, index, this.#now(), this.#left());
    return {
      longitude: longitudeOf(place.x),
      latitude: latitudeOf(place.y),
      pixel: this.#view === null ? null : project(this.#view, place.x, place.y),
    };
  }

  onAdd(map: Map, gl: WebGL2RenderingContext): void {
    this.#map = map;
    this.#programs.clear();
    this.#buffer = gl.createBuffer();
    this.#vertexArray = gl.createVertexArray();
    gl.bindVertexArray(this.#vertexArray);
    for (const { location } of Object.values(ATTRIBUTES)) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribDivisor(location, 1);
    }
    gl.bindVertexArray(null);
    this.#texture = uploadAtlas(gl);
    this.#room = 0;
    this.#stale = true;
  }

  onRemove(_map: Map, gl: WebGL2RenderingContext): void {
    clearTimeout(this.#timer);
    for (const program of this.#programs.values()) program.delete();
    this.#programs.clear();
    gl.deleteBuffer(this.#buffer);
    gl.deleteVertexArray(this.#vertexArray);
    gl.deleteTexture(this.#texture);
    this.#map = null;
  }

  render(gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const map = this.#map;
    if (map === null) return;
    this.frames++;
    const view = this.#look(map, input);
    this.#upload(gl);
    if (this.count > 0) this.#draw(gl, input, view, map);
    this.#schedule(map);
    this.onFrame();
  }

  #look(map: Map, input: CustomRenderMethodInput): View {
    const data = input.defaultProjectionData;
    const canvas = map.getCanvas();
    const view: View = {
      globe: input.shaderData.define.includes("GLOBE"),
      matrix: Float64Array.from(data.mainMatrix),
      fallback: Float64Array.from(data.fallbackMatrix),
      clippingPlane: Float64Array.from(data.clippingPlane),
      transition: data.projectionTransition,
      centreX: MercatorCoordinate.fromLngLat(map.getCenter()).x,
      width: canvas.clientWidth,
      height: canvas.clientHeight,
    };
    this.#view = view;
    return view;
  }

  #upload(gl: WebGL2RenderingContext): void {
    if (!this.#stale) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    const { floats } = this.#instances.view;
    if (floats.byteLength > this.#room) {
      this.#room = Math.ceil(floats.byteLength * ROOM_SPARE);
      gl.bufferData(gl.ARRAY_BUFFER, this.#room, gl.DYNAMIC_DRAW);
    }
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, floats);
    this.#stale = false;
  }

  #draw(
    gl: WebGL2RenderingContext, input: CustomRenderMethodInput, view: View, map: Map,
  ): void {
    const program = this.#program(gl, input);
    const zoom = map.getZoom();
    const world = 512 * 2 ** zoom;
    const centre = MercatorCoordinate.fromLngLat(map.getCenter());
    program.use({
      view,
      matrix: view.globe ? Float32Array.from(view.matrix)
        : relativeMatrix(view.matrix, centre.x, centre.y),
      centre: [centre.x, centre.y],
      now: this.#now() - this.#instances.view.base,
      left: this.#left(),
      step: 8 / world,
      size: iconSize(zoom),
      selected: this.#selectedIndex,
      hovered: this.#hovered,
      theme: this.#theme,
    });
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.CULL_FACE);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#texture);
    gl.bindVertexArray(this.#vertexArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    const copies = view.globe ? 0 : Math.ceil(Math.max(0, view.width / world / 2 - 0.5));
    for (let copy = -copies; copy <= copies; copy++) {
      program.world(copy);
      this.#drawRun(gl, program, 0, this.count);
      // Drawn once more, so that the selected aircraft is on top.
      if (this.#selectedIndex >= 0) this.#drawRun(gl, program, this.#selectedIndex, 1);
    }
    gl.bindVertexArray(null);
  }

  /** WebGL2 cannot start at an instance, so the attributes do. */
  #drawRun(
    gl: WebGL2RenderingContext, program: AircraftProgram, first: number, count: number,
  ): void {
    for (const { location, offset } of Object.values(ATTRIBUTES)) {
      const at = (first * INSTANCE + offset) * 4;
      gl.vertexAttribPointer(location, 4, gl.FLOAT, false, INSTANCE * 4, at);
    }
    program.first(first);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
  }

  #program(gl: WebGL2RenderingContext, input: CustomRenderMethodInput): AircraftProgram {
    const { variantName, vertexShaderPrelude, define } = input.shaderData;
    let program = this.#programs.get(variantName);
    if (program === undefined) {
      program = new AircraftProgram(gl, vertexShaderPrelude, define);
      this.#programs.set(variantName, program);
    }
    return program;
  }

  /** The next frame: at once while blending, else when the fastest has moved enough to see. */
  #schedule(map: Map): void {
    if (performance.now() - this.#blendFrom < BLEND_MS + 50) {
      map.triggerRepaint();
      return;
    }
    const metresPerPixel = EQUATOR_METRES / (512 * 2 ** map.getZoom());
    const wait = Math.min((STILL * metresPerPixel / FAST) * 1_000, FRAME_MS_MAX);
    clearTimeout(this.#timer);
    if (wait < 16) map.triggerRepaint();
    else this.#timer = window.setTimeout(() => map.triggerRepaint(), wait);
  }

  /** Addresses are sorted, so this is a binary search. */
  #indexOf(icao24: number): number {
    const sorted = this.#instances.view.icao24;
    let low = 0;
    let high = sorted.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = sorted[middle] ?? 0;
      if (found === icao24) return middle;
      if (found < icao24) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #left(): number {
    return blendLeft(performance.now() - this.#blendFrom);
  }
}

function iconSize(zoom: number): number {
  let [fromZoom, from]: [number, number] = [0, 3.4];
  for (const [toZoom, to] of ICON_SIZES) {
    if (zoom <= toZoom) {
      const t = Math.max(0, (zoom - fromZoom) / (toZoom - fromZoom));
      return from + (to - from) * t;
    }
    [fromZoom, from] = [toZoom, to];
  }
  return from;
}

function uploadAtlas(gl: WebGL2RenderingContext): WebGLTexture | null {
  const { width, height, texels } = atlas();
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, texels);
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.LINEAR], [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ] as const) gl.texParameteri(gl.TEXTURE_2D, name, value);
  return texture;
}
