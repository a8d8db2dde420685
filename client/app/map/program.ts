// The compiled shaders for one of MapLibre's projections, and their uniforms.

import type { View } from "./projection.ts";
import { ATTRIBUTES, FRAGMENT_SOURCE, vertexSource } from "./shader.ts";
import { rgb, type Theme } from "./theme.ts";

export interface Frame {
  view: View;
  /** Relative to the centre where the world is flat. */
  matrix: Float32Array;
  centre: [number, number];
  /** Seconds after the instances' base. */
  now: number;
  left: number;
  step: number;
  size: number;
  selected: number;
  hovered: number;
  theme: Theme;
}

export class AircraftProgram {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #locations = new Map<string, WebGLUniformLocation | null>();

  constructor(gl: WebGL2RenderingContext, prelude: string, define: string) {
    this.#gl = gl;
    this.#program = link(gl, vertexSource(prelude, define));
  }

  use(frame: Frame): void {
    const gl = this.#gl;
    const { view, theme } = frame;
    const [x, y] = frame.centre;
    gl.useProgram(this.#program);
    gl.uniformMatrix4fv(this.#at("u_projection_matrix"), false, frame.matrix);
    gl.uniformMatrix4fv(
      this.#at("u_projection_fallback_matrix"), false, Float32Array.from(view.fallback),
    );
    gl.uniform4f(this.#at("u_projection_tile_mercator_coords"), 0, 0, 1, 1);
    gl.uniform4fv(this.#at("u_projection_clipping_plane"), Float32Array.from(view.clippingPlane));
    gl.uniform1f(this.#at("u_projection_transition"), view.transition);
    gl.uniform4f(
      this.#at("u_centre"), Math.fround(x), Math.fround(y), x - Math.fround(x), y - Math.fround(y),
    );
    gl.uniform1f(this.#at("u_now"), frame.now);
    gl.uniform1f(this.#at("u_left"), frame.left);
    gl.uniform1f(this.#at("u_step"), frame.step);
    // Clip space is two units wide, so an icon's pixels count double.
    gl.uniform1f(this.#at("u_size"), frame.size);
    gl.uniform2f(this.#at("u_viewport"), view.width / 2, view.height / 2);
    gl.uniform1i(this.#at("u_selected"), frame.selected);
    gl.uniform1i(this.#at("u_hovered"), frame.hovered);
    gl.uniform3fv(this.#at("u_ramp"), theme.altitude.flatMap(rgb));
    gl.uniform3fv(this.#at("u_unknown"), rgb(theme.unknown));
    gl.uniform3fv(this.#at("u_ground"), rgb(theme.ground));
    gl.uniform3fv(this.#at("u_emergency"), rgb(theme.emergency));
    gl.uniform3fv(this.#at("u_outline"), rgb(theme.outline));
    gl.uniform3fv(this.#at("u_ring"), rgb(theme.selected));
    gl.uniform1i(this.#at("u_atlas"), 0);
  }

  /** Which copy of the flat world the next draw is for. */
  world(copy: number): void {
    this.#gl.uniform1f(this.#at("u_world"), copy);
  }

  /** The index of the next draw's first instance. */
  first(index: number): void {
    this.#gl.uniform1i(this.#at("u_first"), index);
  }

  delete(): void {
    this.#gl.deleteProgram(this.#program);
  }

  #at(name: string): WebGLUniformLocation | null {
    let location = this.#locations.get(name);
    if (location === undefined) {
      location = this.#gl.getUniformLocation(this.#program, name);
      this.#locations.set(name, location);
    }
    return location;
  }
}

function link(gl: WebGL2RenderingContext, vertex: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, FRAGMENT_SOURCE],
  ] as const) {
    const shader = gl.createShader(kind);
    if (shader === null) throw new Error("the WebGL context is lost");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  for (const [name, { location }] of Object.entries(ATTRIBUTES)) {
    gl.bindAttribLocation(program, location, name);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the aircraft's shaders do not link: ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}
