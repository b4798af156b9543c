// A layer's maps on one canvas, as in figure 2, and which units of each layer a unit sees.

const MAPS = {
  // columns of maps on a wide and on a narrow screen, and the gap in widths of the canvas
  input: { columns: 1, narrow: 1, gap: 0 },
  C1: { columns: 2, narrow: 3, gap: 4 / 116 },
  S2: { columns: 2, narrow: 3, gap: 4 / 116 },
  C3: { columns: 4, narrow: 4, gap: 4 / 176 },
  S4: { columns: 4, narrow: 4, gap: 4 / 176 },
  C5: { columns: 5, narrow: 24, gap: 0 },
  F6: { columns: paper.CODE_WIDTH, narrow: paper.CODE_WIDTH, gap: 0 },
};
const LAYERS = Object.keys(MAPS);
const SHAPES = { input: [paper.INPUT_SIZE, paper.INPUT_SIZE, 1] };
for (const [name, { shape }] of Object.entries(data.layers)) SHAPES[name] = shape;

const narrowScreen = matchMedia("(max-width: 860px)");

/** The S2 maps that a C3 map reads, or all maps of the layer below. */
function readMaps(layer, m) {
  if (layer === "C3") return paper.TABLE_1[m];
  if (layer === "S2" || layer === "S4") return [m];
  const below = LAYERS[LAYERS.indexOf(layer) - 1] ?? "F6";
  return Array.from({ length: SHAPES[below][2] }, (_, c) => c);
}

/** The receptive field of a unit: for each layer below its maps, rows and columns, [from, to). */
function receptiveField({ layer, m, y, x }) {
  const field = {};
  let maps = [m],
    rows = [y, y + 1],
    columns = [x, x + 1];
  for (let above = layer; above !== "input";) {
    const below = above === "OUTPUT" ? "F6" : LAYERS[LAYERS.indexOf(above) - 1];
    maps = [...new Set(maps.flatMap((map) => readMaps(above, map)))];
    const conv = above === "C1" || above === "C3" || above === "C5";
    const wider = ([from, to]) =>
      conv
        ? [from, to + paper.KERNEL_SIZE - 1]
        : above[0] === "S"
          ? [from * paper.SUBSAMPLING_SIZE, to * paper.SUBSAMPLING_SIZE]
          : [from, to];
    [rows, columns] = [wider(rows), wider(columns)];
    field[below] = { maps, rows, columns };
    above = below;
  }
  return field;
}

/** The maps of one layer: drawn, pointed at, walked through by keys. */
class MapView {
  constructor(layer, { hover, pin }) {
    Object.assign(this, {
      layer,
      hover,
      pin,
      canvas: $$(`map-${layer}`),
      small: element("canvas"),
    });
    const { canvas } = this,
      [height, width, maps] = SHAPES[layer];
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute(
      "aria-label",
      `${layer}: ${maps} maps of ${height} by ${width} units. ` +
        "Arrow keys choose a unit, Enter keeps it.",
    );
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") hover(this.hit(event));
    });
    canvas.addEventListener("pointerleave", () => hover(null));
    canvas.addEventListener("click", (event) => {
      if (event.detail) pin(this.hit(event));
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => hover(null));
  }

  get columns() {
    return MAPS[this.layer][narrowScreen.matches ? "narrow" : "columns"];
  }

  /** Fit the canvas to its place on the page; to draw nothing is measured, which would be slow. */
  fit() {
    const { canvas, columns } = this,
      [height, width, maps] = SHAPES[this.layer];
    const wide = canvas.clientWidth,
      gap = MAPS[this.layer].gap * wide;
    const across = (wide - gap * (columns - 1)) / columns,
      down = (across * height) / width;
    const rows = Math.ceil(maps / columns),
      tall = rows * down + gap * (rows - 1),
      sharp = devicePixelRatio || 1;
    Object.assign(this, { gap, across, down, unit: across / width, wide, tall, sharp });
    canvas.style.height = `${tall}px`;
    canvas.width = Math.round(wide * sharp);
    canvas.height = Math.round(tall * sharp);
  }

  corner(m) {
    const column = m % this.columns,
      row = (m - column) / this.columns;
    return [column * (this.across + this.gap), row * (this.down + this.gap)];
  }

  /** The unit under a pointer. */
  hit(event) {
    const box = this.canvas.getBoundingClientRect(),
      [height, width, maps] = SHAPES[this.layer];
    const across = event.clientX - box.left,
      down = event.clientY - box.top;
    const column = Math.min(Math.floor(across / (this.across + this.gap)), this.columns - 1);
    const m = Math.floor(down / (this.down + this.gap)) * this.columns + column;
    if (!(m >= 0 && m < maps)) return null;
    const [left, top] = this.corner(m);
    const limit = (value, size) => Math.min(Math.max(Math.floor(value / this.unit), 0), size - 1);
    return { layer: this.layer, m, y: limit(down - top, height), x: limit(across - left, width) };
  }

  /** Arrow keys walk over the units as they are drawn. */
  key(event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[
      event.key
    ];
    const { columns } = this,
      [height, width, maps] = SHAPES[this.layer];
    const at = this.chosen ?? { layer: this.layer, m: 0, y: height >> 1, x: width >> 1 };
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.pin(at);
    } else if (step) {
      event.preventDefault();
      const rows = Math.ceil(maps / columns) * height;
      const row = Math.min(
        Math.max(Math.floor(at.m / columns) * height + at.y + step[0], 0),
        rows - 1,
      );
      const column = Math.min(
        Math.max((at.m % columns) * width + at.x + step[1], 0),
        columns * width - 1,
      );
      const m = Math.floor(row / height) * columns + Math.floor(column / width);
      this.chosen = { layer: this.layer, m, y: row % height, x: column % width };
      this.hover(this.chosen, true);
    }
  }

  /** Draw a state; frame what the asked unit sees here, and fade the maps that it does not read. */
  draw(state, colour, field, asked) {
    const { canvas, small, sharp, across, down, unit } = this,
      context = canvas.getContext("2d");
    const [height, width, maps] = SHAPES[this.layer];
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = false;
    small.width = width;
    small.height = height * maps; // map under map
    const stacked = new Float64Array(state.length);
    for (let i = 0; i < state.length; i++) {
      const m = i % maps;
      stacked[m * height * width + (i - m) / maps] = state[i];
    }
    small.getContext("2d").putImageData(pixels(stacked, width, colour), 0, 0);
    for (let m = 0; m < maps; m++) {
      const [left, top] = this.corner(m);
      context.globalAlpha = field && !field.maps.includes(m) ? 0.28 : 1;
      context.drawImage(small, 0, m * height, width, height, left, top, across, down);
    }
    context.globalAlpha = 1;
    context.strokeStyle = css(colours.line);
    context.lineWidth = 1;
    if (this.gap)
      for (let m = 0; m < maps; m++) {
        const [left, top] = this.corner(m);
        context.strokeRect(left + 0.5, top + 0.5, across - 1, down - 1);
      }
    else context.strokeRect(0.5, 0.5, this.wide - 1, this.tall - 1);
    const frame = (m, rows, columns, colour, line) => {
      const [left, top] = this.corner(m);
      const [from, to] = columns,
        [first, last] = rows;
      context.strokeStyle = css(colours[colour]);
      context.lineWidth = line;
      const inset = line / 2;
      context.strokeRect(
        Math.max(left + from * unit - inset, inset),
        Math.max(top + first * unit - inset, inset),
        Math.min((to - from) * unit + line, this.wide - line),
        Math.min((last - first) * unit + line, this.tall - line),
      );
    };
    const whole = field?.maps.length === maps && field.rows[0] <= 0 && field.rows[1] >= height;
    if (whole) this.frameAll();
    else for (const m of field?.maps ?? []) frame(m, field.rows, field.columns, "accent", 2);
    if (asked) frame(asked.m, [asked.y, asked.y + 1], [asked.x, asked.x + 1], "second", 3);
  }

  /** Frame the whole layer: the asked unit sees all of it. */
  frameAll() {
    const context = this.canvas.getContext("2d");
    context.strokeStyle = css(colours.accent);
    context.lineWidth = 2;
    context.strokeRect(1, 1, this.wide - 2, this.tall - 2);
  }
}
