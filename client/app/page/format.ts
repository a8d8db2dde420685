// Numbers for people: feet and knots first, SI beside them.

const METRES_PER_FOOT = 0.3048;
const KNOT = 1_852 / 3_600;
const UNKNOWN = "–";
/** m/s, about 100 ft/min: less is not a climb. */
const LEVEL = 0.5;

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A value in two units. */
export interface Pair {
  main: string;
  other: string;
}

export function number(value: number): string {
  return whole.format(value);
}

export function altitude(metres: number | null): Pair {
  if (metres === null) return { main: UNKNOWN, other: "" };
  // Transponders report steps of 25 ft; the conversion to metres made 34,975 into 34,974.9.
  const feet = Math.round(metres / METRES_PER_FOOT / 25) * 25;
  return { main: `${whole.format(feet)} ft`, other: `${whole.format(metres)} m` };
}

export function speed(velocity: number | null): Pair {
  if (velocity === null) return { main: UNKNOWN, other: "" };
  return {
    main: `${whole.format(velocity / KNOT)} kt`,
    other: `${whole.format(velocity * 3.6)} km/h`,
  };
}

const POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"] as const;

export function track(degrees: number | null): Pair {
  if (degrees === null) return { main: UNKNOWN, other: "" };
  const turned = Math.round(degrees) % 360;
  return {
    main: `${String(turned).padStart(3, "0")}°`,
    other: POINTS[Math.round(turned / 45) % 8] ?? "",
  };
}

export function verticalRate(rate: number | null): Pair {
  if (rate === null) return { main: UNKNOWN, other: "" };
  if (Math.abs(rate) < LEVEL) return { main: "Level", other: "" };
  const feetPerMinute = Math.round((rate * 60) / METRES_PER_FOOT / 64) * 64;
  const sign = feetPerMinute > 0 ? "+" : "−";
  return {
    main: `${sign}${whole.format(Math.abs(feetPerMinute))} ft/min`,
    other: `${sign}${Math.abs(rate).toFixed(1)} m/s`,
  };
}

/** A duration in its one or two largest units. */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${total % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** A time from now, in whole minutes. */
export function soon(seconds: number): string {
  return seconds < 60 ? "in 1 min" : `in ${Math.round(seconds / 60)} min`;
}

const SOURCES = ["ADS-B", "ASTERIX", "MLAT", "FLARM"];

export function positionSource(source: number | null): string {
  return source === null ? UNKNOWN : (SOURCES[source] ?? `source ${source}`);
}

const EMERGENCIES: Record<string, string> = {
  "7500": "Unlawful interference",
  "7600": "Radio failure",
  "7700": "General emergency",
};

/** What an emergency code means; null for every other code. */
export function emergency(squawk: string | null): string | null {
  return squawk === null ? null : (EMERGENCIES[squawk] ?? null);
}

export function coordinates(longitude: number, latitude: number): string {
  const half = (value: number, positive: string, negative: string): string =>
    `${Math.abs(value).toFixed(3)}° ${value < 0 ? negative : positive}`;
  return `${half(latitude, "N", "S")}, ${half(longitude, "E", "W")}`;
}

/** `22:19:36` or `22:19` of an ISO date, in UTC as it is written. */
export function utcTime(date: string): string {
  return date.slice(11, 19).replace(/:00$/, "");
}

const day = new Intl.DateTimeFormat("en-GB", {
  weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
});

export function utcDay(date: string): string {
  return day.format(new Date(date));
}

/** The day and time of an ISO date, in UTC. */
export function utc(date: string): string {
  return `${utcDay(date)}, ${utcTime(date)} UTC`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** `HH:MM` in the reader's time zone. */
export function localTime(unix: number): string {
  return clock.format(new Date(unix * 1_000));
}
