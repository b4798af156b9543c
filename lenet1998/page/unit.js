// How a unit is computed: patch times kernel, map by map, the sum, the bias, and the squash.

/** A patch of the state below: rows and columns from (top, left), of map m. */
function patchOf(state, layer, m, top, left, size) {
  const [, width, maps] = SHAPES[layer];
  return Float64Array.from(
    { length: size * size },
    (_, i) => state[((top + Math.floor(i / size)) * width + left + (i % size)) * maps + m],
  );
}

/**
 * What a unit computes: `groups` of inputs, weights and products, each drawn in so many columns,
 * their sum, the bias, a and x.  Of an output unit m is the place of its code among the 96.
 */
function workings(network, states, { layer, m, y, x }) {
  if (layer === "input") return { groups: [], x: states.input.x[y * paper.INPUT_SIZE + x] };
  if (layer === "OUTPUT") {
    const inputs = states.F6.x,
      weights = CODES[m];
    const products = inputs.map((input, j) => (input - weights[j]) ** 2);
    const sum = products.reduce((total, product) => total + product);
    return {
      groups: [{ title: "(F6 − code)²", inputs, weights, products, columns: paper.CODE_WIDTH }],
      sum,
      x: sum,
    };
  }
  const [, width, maps] = SHAPES[layer],
    below = LAYERS[LAYERS.indexOf(layer) - 1];
  const own = network.layer(layer),
    state = states[below].x,
    unit = (y * width + x) * maps + m;
  let groups;
  if (own instanceof Convolution) {
    const { size } = own;
    groups = readMaps(layer, m).map((c) => ({
      title: below === "input" ? "Input" : `${below} map ${c}`,
      inputs: patchOf(state, below, c, y, x, size),
      weights: Float64Array.from(
        { length: size * size },
        (_, k) => own.kernel[(k * own.mapsIn + c) * maps + m],
      ),
      columns: size,
    }));
  } else if (own instanceof Subsampling) {
    const size = paper.SUBSAMPLING_SIZE;
    const inputs = patchOf(state, below, m, size * y, size * x, size);
    const weights = inputs.map(() => own.coefficient[m]);
    groups = [{ title: `${below} map ${m}`, inputs, weights, columns: size }];
  } else {
    const weights = state.map((_, j) => own.weights[j * maps + m]);
    groups = [{ title: "C5", inputs: state, weights, columns: 24 }];
  }
  for (const group of groups)
    group.products = group.inputs.map((input, k) => input * group.weights[k]);
  const sum = groups
    .flatMap(({ products }) => [...products])
    .reduce((total, product) => total + product);
  const { a, x: after } = states[layer];
  return { groups, sum, bias: own.bias[m], a: a[unit], x: after[unit] };
}

/** A unit in words. */
function unitName({ layer, m, y, x }) {
  if (layer === "OUTPUT") return `Output unit “${character(m)}”`;
  if (layer === "input") return `Input, row ${y}, column ${x}`;
  if (SHAPES[layer][0] === 1) return `${layer}, unit ${m}`;
  return `${layer}, map ${m}, row ${y}, column ${x}`;
}

const READS = {
  input: () =>
    `A pixel: ${paper.BACKGROUND} is paper, ${paper.FOREGROUND} is ink.`.replace("-", "−"),
  C1: () =>
    "Looks at 5 × 5 pixels. All units of a map share one kernel and one bias, so the map shows " +
    "where one small pattern occurs.",
  S2: (m) =>
    `Adds 2 × 2 units of C1’s map ${m}, multiplies the sum by its map’s coefficient, and adds its ` +
    "map’s bias. These two numbers are all that a map learns.",
  C3: (m) =>
    `Looks at 5 × 5 units of the S2 maps ${paper.TABLE_1[m].join(", ")}, which Table I gives ` +
    `map ${m}. The maps that it does not read are faded.`,
  S4: (m) =>
    `Adds 2 × 2 units of C3’s map ${m}, multiplies the sum by its map’s coefficient, and adds its ` +
    "map’s bias. These two numbers are all that a map learns.",
  C5: () => "Looks at all 5 × 5 units of all sixteen maps of S4, so it sees the whole digit.",
  F6: () =>
    "Reads all 120 units of C5 and paints one pixel of the picture that the output units compare " +
    "with their codes.",
  OUTPUT: (m) =>
    `A radial basis function (RBF). Its weights are the code of “${character(m)}”, and they are ` +
    "fixed. It subtracts the code from F6’s picture, squares the 84 differences, and adds them: " +
    "the penalty.",
};

const SQUASH =
  `<small>The squash f(a) = ${paper.SQUASH_A} tanh(⅔ a) keeps x between −${paper.SQUASH_A} and ` +
  `${paper.SQUASH_A} (eq. 6).</small>`;

/** The panel below the maps, `wide` pixels; without a chosen unit it says how to choose one. */
function drawUnit(drawing, network, states, unit, wide) {
  const found = unit && workings(network, states, unit);
  drawing.part("table1", [unit?.layer === "C3" ? unit.m : null], () => drawTable1(unit));
  drawing.part("unit", [unit, found, wide], () => drawWorkings(unit, found, wide));
}

function drawWorkings(unit, found, wide) {
  for (const part of ["products", "unit-sum"]) $$(part).hidden = !unit;
  $$("unit-title").textContent = unit ? unitName(unit) : "No unit is chosen";
  $$("unit-reads").textContent = unit
    ? READS[unit.layer](unit.m)
    : "Point at any unit above, or at a penalty.";
  if (!unit) return;
  const output = unit.layer === "OUTPUT";
  $$("products").hidden = !found.groups.length;
  if (found.groups.length)
    drawProducts($$("products"), wide, found.groups, output ? ["−", "→"] : ["×", "="]);
  const lines = [];
  if (output) lines.push(["penalty y (eq. 7)", found.sum, "total"]);
  else if (unit.layer === "input") lines.push(["pixel", found.x, "total"]);
  else {
    if (unit.layer[0] === "S") {
      const { inputs, weights } = found.groups[0];
      lines.push(["sum of the four", inputs.reduce((sum, input) => sum + input)]);
      lines.push(["times the coefficient", weights[0]]);
    } else lines.push(["sum of the products", found.sum]);
    lines.push(
      ["plus the bias", found.bias],
      ["a", found.a, "total"],
      ["x = f(a), the squash", found.x, "total"],
    );
  }
  $$("arithmetic").replaceChildren(
    ...lines.flatMap(([name, value, kind = ""]) => [
      element("dt", { className: kind }, name),
      element("dd", { className: kind }, number(value, 3)),
    ]),
  );
  const squashes = !output && unit.layer !== "input";
  $$("curve").innerHTML = squashes ? curveSvg([[found.a, "dot"]]) + SQUASH : "";
}

/** Table I with the asked C3 map's column, for units of C3. */
function drawTable1(unit) {
  const table = $$("table1");
  table.hidden = unit?.layer !== "C3";
  if (table.hidden) return;
  const { m } = unit,
    columns = paper.TABLE_1.map((_, map) => map),
    chosen = (map) => (map === m ? "chosen" : "");
  const head = element(
    "tr",
    {},
    element("th", { textContent: "" }),
    ...columns.map((map) => element("th", { textContent: map, className: chosen(map) })),
  );
  const rows = Array.from({ length: SHAPES.S2[2] }, (_, c) =>
    element(
      "tr",
      {},
      element("th", { textContent: c }),
      ...columns.map((map) =>
        element("td", {
          textContent: paper.TABLE_1[map].includes(c) ? "X" : "",
          className: chosen(map),
        }),
      ),
    ),
  );
  const caption = "Table I: which S2 maps (rows) each C3 map (columns) reads";
  table.replaceChildren(element("caption", {}, caption), head, ...rows);
}

/** Patch, weights and products of each group beside each other, as large as there is room. */
function drawProducts(canvas, wide, groups, signs) {
  const tallest = narrowScreen.matches ? 420 : 192,
    [sign, gap, head] = [22, 26, 20];
  const { columns } = groups[0],
    rows = Math.ceil(groups[0].inputs.length / columns);
  let cell = 35,
    line,
    across,
    lines;
  do {
    cell -= 1;
    across = 3 * columns * cell + 2 * sign;
    line = Math.max(1, Math.floor((wide + gap) / (across + gap)));
    lines = Math.ceil(groups.length / line);
  } while (cell > 3 && (across > wide || lines * (rows * cell + head) > tallest));
  const height = lines * (rows * cell + head + 6),
    sharp = devicePixelRatio || 1;
  canvas.width = Math.round(wide * sharp);
  canvas.height = Math.round(height * sharp);
  canvas.style.height = `${height}px`;
  canvas.setAttribute("aria-label", `Inputs, weights and products of ${groups.length} maps`);
  const context = canvas.getContext("2d");
  context.scale(sharp, sharp);
  const font = (size) => `${size}px ${colours.font}`;
  const weights = signed(Math.max(...groups.map((group) => largest(group.weights))));
  const products = signed(Math.max(...groups.map((group) => largest(group.products))));
  const states = groups[0].title === "Input" ? inkGrey() : grey(1);
  const code = signs[0] === "−"; // of an output unit: drawn as a state is
  groups.forEach((group, i) => {
    let left = (i % line) * (across + gap);
    const top = Math.floor(i / line) * (rows * cell + head + 6) + head;
    context.fillStyle = css(colours.muted);
    context.textAlign = "left";
    context.font = font(12);
    context.fillText(group.title, left, top - 6);
    const parts = [
      [group.inputs, states],
      [group.weights, code ? grey(1) : weights],
      [group.products, products],
    ];
    parts.forEach(([values, colour], part) => {
      if (part) {
        context.fillStyle = css(colours.muted);
        context.textAlign = "center";
        context.font = font(13);
        context.fillText(signs[part - 1], left + sign / 2, top + (rows * cell) / 2 + 4);
        left += sign;
      }
      drawCells(context, values, columns, colour, left, top, cell, font(10.5));
      left += columns * cell;
    });
  });
}

/** Numbers as squares; written out where there is room. */
function drawCells(context, values, columns, colour, left, top, cell, font) {
  values.forEach((value, k) => {
    const filled = colour(value),
      x = left + (k % columns) * cell,
      y = top + Math.floor(k / columns) * cell;
    context.fillStyle = css(filled);
    context.fillRect(x, y, cell - (cell > 12 ? 1 : 0), cell - (cell > 12 ? 1 : 0));
    if (cell < 30) return;
    const bright = (filled[0] * 0.299 + filled[1] * 0.587 + filled[2] * 0.114) / 255;
    context.fillStyle = bright > 0.5 ? "#111" : "#fff";
    context.font = font;
    context.textAlign = "center";
    context.fillText(number(value, Math.abs(value) < 9.95 ? 2 : 1), x + cell / 2, y + cell / 2 + 4);
  });
  const rows = Math.ceil(values.length / columns);
  context.strokeStyle = css(colours.line);
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, columns * cell + 1, rows * cell + 1);
}
