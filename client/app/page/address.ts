// What the page shows, as the fragment of its URL: a link opens the same view.

export interface Address {
  longitude: number;
  latitude: number;
  zoom: number;
  flat: boolean;
  /** The countries are shaded and listed. */
  countries: boolean;
  /** The shown country. */
  country: string | null;
  /** The selected aircraft. */
  icao24: string | null;
  /** The past minute; null is live. */
  date: string | null;
}

/** `#view=48.137,11.575,6.20&icao24=3c6444&date=2025-07-06T22:19:36Z&country=DE&flat` */
export function formatAddress(address: Address): string {
  const { latitude, longitude, zoom, icao24, date, flat, countries, country } = address;
  const parts = [`view=${latitude.toFixed(3)},${longitude.toFixed(3)},${zoom.toFixed(2)}`];
  if (icao24 !== null) parts.push(`icao24=${icao24}`);
  if (date !== null) parts.push(`date=${date}`);
  if (country !== null) parts.push(`country=${country}`);
  else if (countries) parts.push("countries");
  if (flat) parts.push("flat");
  return `#${parts.join("&")}`;
}

/** Whether the reader would go back from one address to the other: by whatever is shown, but not by
 *  a move of the map or by the next minute. */
export function isStep(from: Address, to: Address): boolean {
  return from.icao24 !== to.icao24 || from.country !== to.country || from.flat !== to.flat
    || from.countries !== to.countries || (from.date === null) !== (to.date === null);
}

/** Reads the valid parts of an address and omits the rest: links get truncated and mistyped. */
export function parseAddress(fragment: string): Partial<Address> {
  const found: Partial<Address> = {};
  const parameters = new URLSearchParams(fragment.replace(/^#/, ""));
  const view = (parameters.get("view") ?? "").split(",").map(Number.parseFloat);
  const [latitude = NaN, longitude = NaN, zoom = NaN] = view;
  if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && zoom >= 0 && zoom <= 22) {
    Object.assign(found, { latitude, longitude, zoom });
  }
  const icao24 = (parameters.get("icao24") ?? "").toLowerCase();
  if (/^[0-9a-f]{6}$/.test(icao24)) found.icao24 = icao24;
  const date = parameters.get("date") ?? "";
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date) && !Number.isNaN(Date.parse(date))) {
    found.date = date;
  }
  const country = (parameters.get("country") ?? "").toUpperCase();
  if (/^[A-Z]{2}$/.test(country)) found.country = country;
  if (parameters.has("countries") || found.country !== undefined) found.countries = true;
  if (parameters.has("flat")) found.flat = true;
  return found;
}
