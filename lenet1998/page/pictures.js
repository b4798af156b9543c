// Small pictures: states in greys, weights and differences in blue (above 0) and orange (below 0).

const $$ = (id) => document.getElementById(id);

/** An element with properties, attributes given as `aria` and `data`, and children. */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const colours = {}; // [red, green, blue] by name; and the font
const tables = {}; // 256 colours each, from the low end of a scale to its high end

/** Read the style sheet's colours, again whenever the theme changes. */
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of [
    "paper",
    "muted",
    "line",
    "accent",
    "second",
    "tile-light",
    "tile-dark",
    "tile-zero",
  ]) {
    const hex = style.getPropertyValue(`--${name}`).trim();
    colours[name] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  }
  colours.font = style.getPropertyValue("--sans");
  const table = (colour) => Array.from({ length: 256 }, (_, i) => colour(i / 255).map(Math.round));
  const { "tile-light": light, "tile-dark": dark, "tile-zero": zero, accent, second } = colours;
  tables.grey = table((part) => mix(light, dark, part));
  tables.signed = table((part) => mix(zero, part < 0.5 ? second : accent, Math.abs(2 * part - 1)));
}

const mix = (from, to, part) => from.map((level, i) => level + (to[i] - level) * part);
const clip = (value) => Math.min(Math.max(value, 0), 1);
const css = (colour) => `rgb(${colour.join(" ")})`;

/** A scale gives [red, green, blue] of a number: the low end of a table at `low`, and so on. */
const scale = (name, low, high) => {
  const table = tables[name],
    factor = 255 / (high - low);
  return (value) => table[Math.round(Math.min(Math.max((value - low) * factor, 0), 255))];
};
/** Of states: light at -range and below, dark at +range and above. */
const grey = (range) => scale("grey", -range, range);
/** Of input pixels: light is background, dark is ink. */
const inkGrey = () => scale("grey", paper.BACKGROUND, paper.FOREGROUND);
/** Of weights and differences: blue above 0, orange below, strongest at the range. */
const signed = (range) => scale("signed", -range, range);

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);

/** Paint numbers on a canvas, one pixel each; the style sheet enlarges them. */
function paint(canvas, values, columns, colour) {
  const image = pixels(values, columns, colour);
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.classList.add("pixels");
}

/** Numbers as an image, row by row. */
function pixels(values, columns, colour) {
  const image = new ImageData(columns, Math.ceil(values.length / columns));
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue; // transparent
    const filled = colour(values[i]);
    for (let part = 0; part < 3; part++) image.data[4 * i + part] = filled[part];
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/** Map m of a state (height, width, maps). */
function mapOf(state, maps, m) {
  return Float64Array.from({ length: state.length / maps }, (_, i) => state[i * maps + m]);
}

/** A number with its sign, a real minus, and as many digits as help. */
function number(value, digits = 2) {
  return value
    .toFixed(digits)
    .replace(/^-(0\.?0*)$/, "$1")
    .replace("-", "−");
}

/** The curve of the squash (eq. 6) with dots [a, label], drawn as SVG; a within ±range. */
function curveSvg(
  dots,
  { range = 5, width = 290, squashed = (a) => squash([a])[0], label = "a" } = {},
) {
  const height = 150,
    top = 1.95;
  const x = (a) => width / 2 + (a / range) * (width / 2 - 12);
  const y = (value) => height / 2 - (value / top) * (height / 2 - 8);
  const points = Array.from({ length: 81 }, (_, i) => {
    const a = (i / 40 - 1) * range;
    return `${x(a).toFixed(1)},${y(squashed(a)).toFixed(1)}`;
  });
  const marks = dots.map(([a, kind, text]) => {
    const at = Math.min(Math.max(a, -range), range),
      left = x(at),
      up = y(squashed(at));
    const guide = kind === "dot" ? `<path class="guide" d="M${left} ${y(0)}V${up}H${x(0)}"/>` : "";
    const words = text !== undefined
      ? `<text x="${left}" y="${y(-1.9)}" text-anchor="middle">${text}</text>`
      : "";
    const radius = kind === "dot" ? 5 : 3.5;
    return `${guide}<circle class="${kind}" cx="${left}" cy="${up}" r="${radius}"/>${words}`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="The squash">
    <path class="axis" d="M0 ${y(0)}H${width}M${x(0)} 0V${height}"/>
    <path class="axis" d="M${x(0) - 4} ${y(1)}h8M${x(0) - 4} ${y(-1)}h8"/>
    <text x="${x(0) + 8}" y="${y(1) + 4}">1</text><text x="${x(0) + 8}" y="${y(-1) + 4}">−1</text>
    <text x="${width - 2}" y="${y(0) - 5}" text-anchor="end">${label}</text>
    <text x="${x(0) - 8}" y="10" text-anchor="end">x</text>
    <polyline class="curve" points="${points.join(" ")}"/>${marks.join("")}</svg>`;
}

/**
 * A labelled slider; `change` gets its value.  Returns it with `set(value)`, whose value is shown as
 * it is, also between two steps of the slider or beyond its ends.
 */
function slider(into, label, [low, high, step], value, text, change) {
  const input = element("input", { type: "range", min: low, max: high, step });
  const output = element("output");
  const show = (value) => (output.textContent = text(value)),
    set = (value) => {
      input.value = value ?? low;
      show(value);
    };
  input.addEventListener("input", () => {
    show(input.valueAsNumber);
    change(input.valueAsNumber);
  });
  input.id = `slider-${label.toLowerCase().replace(/\W+/g, "-")}`;
  into.append(element("label", { className: "slider" }, element("span", {}, label), input, output));
  set(value);
  return { set };
}

/** A row of a bar chart: name, bar, value; `share` is the bar's length from 0 to 1. */
function setBar(row, name, share, value, kind = "") {
  const [first, bar, last] = row.children;
  first.textContent = name;
  bar.style.transform = `scaleX(${clip(share)})`;
  last.textContent = value;
  row.className = `bar ${kind}`;
}

function bar(tag = "div") {
  return element(tag, { className: "bar" }, element("span"), element("i"), element("span"));
}
