// The aircraft's two shaders. The vertex shader is motion.ts in GLSL: change both or neither.

import { ALTITUDE_STEPS } from "./theme.ts";
import { AT, STATUS, UNKNOWN_ALTITUDE } from "./motion.ts";
import { SPREAD } from "./silhouette.ts";

/** Attribute locations; each is four consecutive floats of an instance. */
export const ATTRIBUTES = {
  a_place: { location: 0, offset: AT.xHigh },
  a_motion: { location: 1, offset: AT.rate },
  a_look: { location: 2, offset: AT.altitude },
  a_blend: { location: 3, offset: AT.offsetX },
} as const;

/** Seconds of age at which an aircraft begins to fade, and at which it stays faint. */
export const FADE_FROM = 60;
export const FADE_TO = 300;

const float = (value: number): string => value.toFixed(4);

/** `prelude` and `define` come from MapLibre and bring `projectTile` for the current projection. */
export function vertexSource(prelude: string, define: string): string {
  return `#version 300 es
precision highp float;
${define}
${prelude}
layout(location = 0) in vec4 a_place;
layout(location = 1) in vec4 a_motion;
layout(location = 2) in vec4 a_look;
layout(location = 3) in vec4 a_blend;
uniform vec4 u_centre;   // x and y, each as a high and a low half
uniform float u_now;     // seconds after the instances' base
uniform float u_left;    // of the blend
uniform float u_world;   // which copy of the flat world
uniform float u_step;    // mercator units of a few pixels
uniform float u_size;    // pixels of an icon
uniform vec2 u_viewport; // pixels
uniform int u_first;
uniform int u_selected;
uniform int u_hovered;
uniform vec3 u_ramp[5];
uniform vec3 u_unknown;
uniform vec3 u_ground;
uniform vec3 u_emergency;
out vec2 v_corner;
out vec3 v_colour;
out float v_opacity;
flat out float v_shape;
flat out float v_ring;

vec3 altitudeColour(float metres) {
  if (metres <= ${float(UNKNOWN_ALTITUDE + 1)}) return u_unknown;
  float step = clamp(metres / ${float(ALTITUDE_STEPS[1])}, 0.0, 3.9999);
  int lower = int(step);
  return mix(u_ramp[lower], u_ramp[lower + 1], fract(step));
}

vec2 moved(float age) {
  float seconds = clamp(age, 0.0, a_look.w);
  float along = a_motion.x * seconds;
  float bend = a_motion.z * seconds;
  float track = a_motion.y;
  vec2 shift = along * (vec2(sin(track), -cos(track))
    + bend * vec2(sin(2.0 * track), -cos(2.0 * track)));
  return shift + a_blend.xy * u_left;
}

void main() {
  float age = u_now - a_motion.w;
  vec2 shift = moved(age);
#ifdef GLOBE
  vec2 place = a_place.xy + a_place.zw + shift;
  place.x += round(u_centre.x - place.x);
#else
  // Relative to the centre, which u_projection_matrix has been moved to.
  vec2 place = (a_place.xy - u_centre.xy) + (a_place.zw - u_centre.zw) + shift;
  place.x += u_world - round(place.x);
#endif
  float track = a_motion.y + a_blend.z * u_left;
  vec4 here = projectTile(place);
  vec4 ahead = projectTile(place + u_step * vec2(sin(track), -cos(track)));
  vec2 direction = (ahead.xy / ahead.w - here.xy / here.w) * u_viewport;
  float reach = length(direction);
  direction = reach > 0.001 ? direction / reach : vec2(0.0, 1.0);

  int index = u_first + gl_InstanceID;
  bool selected = index == u_selected;
  bool grounded = a_look.z == ${float(STATUS.ground)};
  bool emergency = a_look.z == ${float(STATUS.emergency)};
  float size = u_size * (grounded ? 0.62 : 1.0) * (emergency ? 1.25 : 1.0);
  if (selected) size = max(size * 1.25, 22.0);
  else if (index == u_hovered) size = max(size * 1.2, 16.0);
  float extent = selected ? 1.75 : 1.0;

  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
  corner *= extent;
  vec2 right = vec2(direction.y, -direction.x);
  vec2 offset = (corner.x * right + corner.y * direction) * size;
  gl_Position = here + vec4(offset / u_viewport * here.w, 0.0, 0.0);

  float stale = clamp((age - ${float(FADE_FROM)}) / ${float(FADE_TO - FADE_FROM)}, 0.0, 1.0);
  v_opacity = stale == 1.0 ? 0.2 : mix(1.0, 0.35, stale);
  if (grounded) v_opacity *= 0.75;
  if (selected || index == u_hovered || emergency) v_opacity = max(v_opacity, 0.85);
  v_opacity *= 1.0 - a_blend.w * u_left;
  v_colour = emergency ? u_emergency : grounded ? u_ground : altitudeColour(a_look.x);
  v_shape = a_look.y;
  v_ring = selected ? size : 0.0;
  v_corner = corner;
}
`;
}

export const FRAGMENT_SOURCE = `#version 300 es
precision highp float;
uniform sampler2D u_atlas;
uniform vec3 u_outline;
uniform vec3 u_ring;
in vec2 v_corner;
in vec3 v_colour;
in float v_opacity;
flat in float v_shape;
flat in float v_ring;
out vec4 colour;

void main() {
  vec2 within = clamp(v_corner, -0.98, 0.98) * 0.5 + 0.5;
  float stored = texture(u_atlas, vec2((within.x + v_shape) / 4.0, within.y)).r;
  float distance = (stored - 0.5) * ${float(2 * SPREAD)};
  // One pixel in the units of the corner: the edge is one pixel soft at every size.
  float pixel = length(vec2(dFdx(v_corner.x), dFdy(v_corner.x)));
  float body = smoothstep(-0.6, 0.6, distance / pixel);
  float edge = smoothstep(-0.6, 0.6, (distance + min(1.1 * pixel, 0.2)) / pixel);
  if (any(greaterThan(abs(v_corner), vec2(0.98)))) { body = 0.0; edge = 0.0; }
  float alpha = max(body, edge * 0.8) * v_opacity;
  colour = vec4(mix(u_outline, v_colour, body) * alpha, alpha);
  if (v_ring > 0.0) {
    float from = abs(length(v_corner) - 1.45) / pixel;
    float ring = 1.0 - smoothstep(0.6, 1.6, from);
    colour = mix(colour, vec4(u_ring, 1.0), ring * 0.95);
  }
  if (colour.a < 0.004) discard;
}
`;
