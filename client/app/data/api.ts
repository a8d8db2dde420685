// The parts of the HTTP API that the map reads.

import * as clock from "./clock.ts";
import type { components } from "../../../target/openapi/api.d.ts";

/** The API's types, which `make check` makes of src/openapi.json. */
export type Schemas = components["schemas"];
export type Status = Schemas["Status"];
export type Arrival = Schemas["Arrival"];
/** How many aircraft were over a country in one hour. */
export type HistoryPoint = Schemas["HistoryPoint"];

/** An unexpected answer; the message is the server's own if it sent one. */
export class ApiError extends Error {
  readonly status: number;
  /** The stored dates nearest to a missing one. */
  readonly nearest: readonly string[];

  constructor(status: number, message: string, nearest: readonly string[] = []) {
    super(message);
    this.status = status;
    this.nearest = nearest;
  }
}

/** Returns in words why there is no answer. */
export function reason(error: unknown): string {
  return error instanceof ApiError ? error.message : "the server cannot be reached";
}

export async function fetchStatus(): Promise<Status> {
  const status = await get<Status>("/api/status", "no-store");
  clock.set(status.time);
  return status;
}

/** ISO 8601 dates, newest first. */
export async function fetchDates(): Promise<string[]> {
  return get<string[]>("/api/dates", "no-cache");
}

/** The archive's file of a stored minute, `2025-07-06T22:19:36Z`. */
export async function fetchMinute(date: string): Promise<Uint8Array> {
  const [day = "", time = ""] = date.replace("Z", "").split("T");
  const path = `/api/archive/${day}/${time.replaceAll(":", "")}.msgpack`;
  return new Uint8Array(await (await ask(path, "default", "msgpack")).arrayBuffer());
}

/** The aircraft over a country, and those predicted to enter it within half an hour. */
export async function fetchCountryFlights(iso: string): Promise<Arrival[]> {
  return get<Arrival[]>(`${country(iso)}/flights?within=30m`, "no-cache");
}

/** Oldest first; hours without a stored minute are omitted. */
export async function fetchCountryHistory(
  iso: string, from: string, to: string,
): Promise<HistoryPoint[]> {
  const query = new URLSearchParams({ from, to, step: "1h" });
  return get<HistoryPoint[]>(`${country(iso)}/history?${query}`, "no-cache");
}

interface Description {
  paths: Record<string, { get?: { "x-subprotocols"?: string[] } } | undefined>;
}

/** The subprotocols of the live sockets; null if the server does not list them. */
export async function fetchSubprotocols(): Promise<string[] | null> {
  const { paths } = await get<Description>("/api/openapi.json", "no-cache");
  return paths["/api/live/{region}"]?.get?.["x-subprotocols"] ?? null;
}

function country(iso: string): string {
  return `/api/countries/${encodeURIComponent(iso)}`;
}

async function get<T>(path: string, cache: RequestCache): Promise<T> {
  return (await (await ask(path, cache, "json")).json()) as T;
}

/** Returns the answer; throws unless its media type contains `wanted`. */
async function ask(path: string, cache: RequestCache, wanted: string): Promise<Response> {
  const response = await fetch(path, { cache });
  const type = response.headers.get("content-type") ?? "";
  if (!response.ok) throw await problem(response, type);
  if (!type.includes(wanted)) throw new ApiError(response.status, `${path} answered ${type}`);
  return response;
}

/** The error that a problem document (RFC 9457) describes. */
async function problem(response: Response, type: string): Promise<ApiError> {
  const body = type.includes("json") ? (await response.json()) as Partial<Schemas["Problem"]> : {};
  const { detail = `the server answered ${response.status}`, nearest = [] } = body;
  return new ApiError(response.status, detail, nearest);
}
