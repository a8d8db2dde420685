// A country's last day as a chart: the hourly mean, and the band from the least to the most.
//
// uPlot is fetched when the first chart is drawn.

import type uPlot from "uplot";
import type { HistoryPoint } from "../data/api.ts";
import { localTime, number } from "../page/format.ts";

const HEIGHT = 112;
const HOUR = 3_600;

/** Unix seconds. */
export type Range = [from: number, to: number];

/** Draws into an empty box; `read` gets the point under the pointer, or null. */
export async function drawHistory(
  box: HTMLElement,
  points: readonly HistoryPoint[],
  range: Range,
  read: (point: HistoryPoint | null) => void,
): Promise<() => void> {
  const { default: Plot } = await import("uplot");
  const chart = new Plot(options(box, range, points, read), columns(points), box);
  const resized = new ResizeObserver(() => {
    if (box.clientWidth > 0) chart.setSize({ width: box.clientWidth, height: HEIGHT });
  });
  resized.observe(box);
  return () => {
    resized.disconnect();
    chart.destroy();
  };
}

/** Describes the chart for screen readers. */
export function describe(points: readonly HistoryPoint[]): string {
  const least = Math.min(...points.map(({ min }) => min));
  const most = Math.max(...points.map(({ max }) => max));
  return `Aircraft in the last 24 hours: between ${number(least)} and ${number(most)}`;
}

export function reading({ time, min, mean, max }: HistoryPoint): string {
  const from = localTime(Date.parse(time) / 1_000);
  return `${from} · ${number(mean)} (${number(min)}–${number(max)})`;
}

/** An hour without minutes is a gap in the line, not a line across it. */
function columns(points: readonly HistoryPoint[]): uPlot.AlignedData {
  const rows: [number, number | null, number | null, number | null][] = [];
  let before = Infinity;
  for (const { time, min, mean, max } of points) {
    const at = Date.parse(time) / 1_000;
    if (at - before > HOUR * 1.5) rows.push([before + HOUR, null, null, null]);
    rows.push([at, max, min, mean]);
    before = at;
  }
  const column = (index: number): (number | null)[] => rows.map((row) => row[index] ?? null);
  return [rows.map(([at]) => at), column(1), column(2), column(3)];
}

function options(
  box: HTMLElement,
  range: Range,
  points: readonly HistoryPoint[],
  read: (point: HistoryPoint | null) => void,
): uPlot.Options {
  const colour = (name: string): string => getComputedStyle(box).getPropertyValue(name).trim();
  const axis = { stroke: colour("--text-faint"), font: "11px 'Inter Variable'" };
  const grid = { stroke: colour("--line"), width: 1 };
  const edge = { stroke: "transparent", points: { show: false } };
  const byTime = new Map(points.map((point) => [Date.parse(point.time) / 1_000, point]));
  return {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false, x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: true, range }, y: { range: (_, __, most) => [0, nice(most)] } },
    axes: [
      {
        ...axis, size: 22, gap: 4, space: 60, incrs: [6 * HOUR], grid: { show: false },
        ticks: { show: false }, values: (_, times) => times.map(localTime),
      },
      {
        ...axis, size: 38, gap: 4, splits: (_, __, least, most) => [least, most / 2, most], grid,
        ticks: { show: false }, values: (_, values) => values.map(number),
      },
    ],
    series: [
      {},
      edge,
      edge,
      {
        stroke: colour("--accent"), width: 2,
        points: { show: points.length === 1, size: 7, fill: colour("--accent") },
      },
    ],
    bands: [{ series: [1, 2], fill: colour("--chart-band") }],
    hooks: {
      setCursor: [({ cursor: { idx }, data }) => {
        read(idx == null ? null : (byTime.get(data[0][idx] ?? NaN) ?? null));
      }],
    },
  };
}

/** The next even number of two digits, so that half of it is a whole number, too. */
function nice(most: number): number {
  const step = 2 * 10 ** Math.max(0, Math.floor(Math.log10(Math.max(most, 1))) - 1);
  return Math.max(Math.ceil(most / step) * step, 2);
}
