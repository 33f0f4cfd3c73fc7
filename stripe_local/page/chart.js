// Bars over time as inline SVG, drawn at the available width. The same figures are in a table below.

import { h, s, table } from "./dom.js";
import { moment } from "./times.js";

const HEIGHT = 168;
const ROOM = { top: 18, right: 4, bottom: 24, left: 44 };
const LABEL = 92; // px, the widest text of an hour with room beside it
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** A meter's figure: heading, chart, and the figures as a table. */
export function figure(series, usage, width) {
  const unit = usage.window === "day" ? "day" : "hour";
  const title = `${series.name} by ${unit}`;
  const total = series.data.length ? `${series.total} ${series.latest ? "latest" : "in all"}` : "nothing yet";
  const rows = series.data.map((point) => [moment(point.start, unit), point.text]).reverse();
  return h("figure", {},
    h("figcaption", {}, h("h3", {}, series.name), h("strong", { class: "total" }, total)),
    drawn(series, usage, width, `Bar chart: ${title}. ${total}.`),
    series.data.length
      ? h("details", { "data-key": `figures-${series.id}` },
          h("summary", { "data-key": `summary-${series.id}` }, "The figures as a table"),
          table(title, [unit === "day" ? "Day" : "Hour", { number: "Used" }], rows))
      : null);
}

// Heights are pixels, for which floating point will do; texts are exact.
function drawn(series, usage, width, label) {
  const count = Math.round((usage.end - usage.start) / usage.seconds);
  const values = series.data.map((point) => Number(point.value));
  const top = round(Math.max(...values, 0)), bottom = -round(Math.max(...values.map((value) => -value), 0));
  const span = top - bottom || 1;
  const wide = width - ROOM.left - ROOM.right, high = HEIGHT - ROOM.top - ROOM.bottom;
  const x = (index) => ROOM.left + (wide * index) / count;
  const y = (value) => ROOM.top + (high * (top - value)) / span;
  const lines = [...new Set([bottom, bottom + span / 2, top, 0])].map((value) => s("g", {},
    s("line", { class: value === 0 ? "axis" : "grid", x1: ROOM.left, x2: width - ROOM.right, y1: y(value), y2: y(value) }),
    top - bottom ? s("text", { x: ROOM.left - 8, y: y(value) + 4, "text-anchor": "end" }, short.format(value)) : null));
  const bars = series.data.map((point, position) => {
    const index = Math.round((point.start - usage.start) / usage.seconds);
    const value = values[position], size = Math.max(Math.abs(y(0) - y(value)), value ? 2 : 0);
    const when = moment(point.start, usage.window);
    return s("rect", { class: "bar", x: x(index) + 1, y: value < 0 ? y(0) : y(0) - size, width: Math.max(wide / count - 2, 1), height: size, rx: 1.5 },
      s("title", {}, `${when}: ${point.text}`));
  });
  return s("svg", { class: "chart", role: "img", "aria-label": label, viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT },
    lines, bars, ticks(usage, count, x, wide));
}

// Texts are centred below their bars, far enough apart and from the right edge to be read.
function ticks(usage, count, x, wide) {
  const every = Math.ceil(count / Math.max(Math.floor(wide / LABEL), 1));
  const shown = [];
  for (let index = count - 1; index >= 0; index -= shown.length ? every : 1) {
    if (x(index + 0.5) <= x(count) - LABEL / 2) shown.push(index);
  }
  return shown.map((index) => s("text", { x: x(index + 0.5), y: HEIGHT - 6, "text-anchor": "middle" },
    moment(usage.start + index * usage.seconds, usage.window)));
}

// The next of 1, 2, 4, 5, 10, 20 …, so that the middle line is a round number too.
function round(value) {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 6, 8, 10].find((step) => step * power >= value) * power;
}
