// Colours, dark and light. The page's own colours are in style.css; these are what WebGL draws.

export interface Theme {
  name: "dark" | "light";
  ocean: string;
  land: string;
  border: string;
  coast: string;
  graticule: string;
  label: string;
  halo: string;
  /** Aircraft by altitude, one colour per step of ALTITUDE_STEPS. */
  altitude: readonly string[];
  /** Countries by their traffic, one colour per class of country-scale.ts, from few aircraft on. */
  traffic: readonly string[];
  unknown: string;
  ground: string;
  outline: string;
  emergency: string;
  selected: string;
}

/** Metres of the ramp's colours: 0, 10,000, 20,000, 30,000 and 40,000 feet. */
export const ALTITUDE_STEPS = [0, 3_048, 6_096, 9_144, 12_192] as const;

// Traffic: the hues of cividis, navy to yellow, ordered by lightness for every kind of colour
// vision; without its bright end in the dark theme and its dark end in the light one, where the
// aircraft need the contrast. Altitude: orange to blue through a light middle, a pair that every
// common colour blindness distinguishes.
const DARK: Theme = {
  name: "dark",
  ocean: "#101b2e",
  land: "#24324a",
  border: "#42557a",
  coast: "#52688f",
  graticule: "#17253d",
  label: "#a3b3cd",
  halo: "#1b273c",
  altitude: ["#ff8a3d", "#ffbe55", "#f6ecc4", "#93dcff", "#5c9dff"],
  traffic: ["#293e66", "#3c4d6f", "#545d6e", "#6c6b66", "#85795a", "#a68c4a"],
  unknown: "#aab4c3",
  ground: "#7b8798",
  outline: "#05080e",
  emergency: "#ff4763",
  selected: "#ffffff",
};

const LIGHT: Theme = {
  name: "light",
  ocean: "#d3e0ec",
  land: "#f7f6f2",
  border: "#bfc6cf",
  coast: "#a3b2c4",
  graticule: "#c6d5e3",
  label: "#6a7688",
  halo: "#f7f6f2",
  altitude: ["#c2410c", "#b4690e", "#6d6a58", "#1372a8", "#2b3fae"],
  traffic: ["#efe8cb", "#e2d6a4", "#cfc596", "#bbb596", "#a7a9a4", "#919bb0"],
  unknown: "#667085",
  ground: "#929cab",
  outline: "#ffffff",
  emergency: "#d3123a",
  selected: "#0b1220",
};

export function themeFor(light: boolean): Theme {
  return light ? LIGHT : DARK;
}

/** Red, green and blue, 0 to 1, of "#rrggbb". */
export function rgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}
