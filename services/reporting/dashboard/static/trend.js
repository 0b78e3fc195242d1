// The course of consultations, drawn by uPlot.

import { count, period, text } from "./format.js";

// of the style sheet, which has them for light and dark
const COLOURS = { submitted: "--received", answered: "--answered", closed: "--amber" };
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const NAMES = Object.keys(COLOURS);
let chart = null;
let shown = null;

export function draw(element, trend) {
  if (chart && JSON.stringify(trend) === JSON.stringify(shown)) return;
  shown = trend;
  paint(element, trend);
}

/** The same in the colours of now. */
export function redraw(element) {
  if (shown) paint(element, shown);
}

function paint(element, trend) {
  const at = (text) => Date.parse(`${text}T00:00Z`) / 1000;
  const data = [
    trend.rows.map((row) => at(row.first)),
    ...NAMES.map((name) => trend.rows.map((row) => row[name])),
  ];
  const label = (seconds) => {
    const day = new Date(seconds * 1000).toISOString().slice(0, 10);
    return period(day, trend.by, { day: "numeric", month: "short" });
  };
  chart?.destroy();
  element.replaceChildren();
  const options = {
    ...size(element),
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, max) => [0, Math.max(4, Math.ceil(max * 1.1))] } },
    series: [
      { value: (_, value) => (value === null ? "" : label(value)), label: text("period_column") },
      ...NAMES.map((name) => ({
        label: text(name),
        stroke: colour(COLOURS[name]),
        width: 2,
        dash: name === "closed" ? [6, 4] : undefined,
        fill: name === "submitted" ? `${colour(COLOURS[name])}14` : undefined,
        points: { show: trend.rows.length < 20 },
        value: (_, value, __, index) => (index === null ? "" : count(value)),
      })),
    ],
    axes: [
      {
        font: "12px system-ui", stroke: colour("--muted"), grid: { show: false }, space: 70,
        values: (_, splits) => splits.map(label),
        splits: trend.by !== "day" ? () => thinned(data[0], element.clientWidth / 70) : undefined,
        incrs: [1, 2, 7, 14, 28].map((days) => days * 86_400),
      },
      {
        font: "12px system-ui", stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, size: 42,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000],
        values: (_, splits) => splits.map(count),
      },
    ],
  };
  chart = new uPlot(options, data, element);
}

function thinned(values, places) {
  const every = Math.ceil(values.length / Math.max(places, 1));
  return values.filter((_, index) => index % every === 0);
}

function size(element) {
  return { width: Math.max(element.clientWidth, 240), height: Math.max(element.clientHeight - 40, 240) };
}

export function fit(element) {
  if (chart && Math.abs(chart.width - element.clientWidth) > 1) {
    chart.setSize({ width: Math.max(element.clientWidth, 240), height: chart.height });
  }
}
