// Compare the shipped weights with each other, and two digits with each other.

/** Arrays of float32 out of base64, layer by layer. */
function readArrays(layers) {
  const read = (text) =>
    new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  return Object.fromEntries(
    Object.entries(layers).map(([layer, arrays]) => [
      layer,
      Object.fromEntries(Object.entries(arrays).map(([name, text]) => [name, read(text)])),
    ]),
  );
}

/** A network with these arrays; sub-sampling gets its own, which the sliders change. */
function makeNetwork(arrays) {
  const own = { ...arrays };
  for (const layer of ["S2", "S4"]) {
    own[layer] = {
      coefficient: arrays[layer].coefficient.slice(),
      bias: arrays[layer].bias.slice(),
    };
  }
  return new LeNet5(
    own,
    DIGITS.map((place) => CODES[place]),
  );
}

/** The card of the trainings: C1's kernels, C3's kernels by Table I, and each one's answer. */
class TrainingsCard {
  constructor(page) {
    this.page = page;
    this.parts = page.trainings.map((training, i) => {
      const part = {
        kernels: element("canvas"),
        wide: element("canvas"),
        says: element("p", { className: "says" }),
        use: element("button", { onclick: () => page.useTraining(i) }),
      };
      part.kernels.title = "C1: six kernels of 5 × 5";
      part.wide.title = "C3: a column a map, a row an S2 map; the gaps are Table I’s";
      const box = element(
        "div",
        { className: "training" },
        element("h4", {}, training.name),
        element("p", {}, training.title),
        part.kernels,
        part.wide,
        part.says,
        part.use,
      );
      $$("trainings").append(box);
      return part;
    });
  }

  repaint() {
    this.page.trainings.forEach(({ arrays }, i) => {
      mosaic(this.parts[i].kernels, arrays.C1.kernel, 1, SHAPES.C1[2]);
      mosaic(this.parts[i].wide, arrays.C3.kernel, SHAPES.S2[2], SHAPES.C3[2]);
    });
  }

  draw(drawing, input, places) {
    this.page.trainings.forEach((training, i) => {
      const states = i === this.page.chosen ? this.page.states : null;
      drawing.part(`training-${i}`, [input, places, states?.F6.x], () =>
        this.say(i, states ?? training.network.forward(input), places, Boolean(states)),
      );
    });
  }

  say(i, states, places, chosen) {
    const { says, use } = this.parts[i];
    const { nearest, margin } = judge(states.F6.x, places, null);
    says.textContent = `Answers “${character(nearest)}”, margin ${number(margin, 1)}`;
    use.textContent = chosen ? "In use" : "Use these";
    use.disabled = chosen;
  }
}

/** Kernels (5, 5, mapsIn, mapsOut) as a picture: a row an input map, a column an output map. */
function mosaic(canvas, kernel, mapsIn, mapsOut) {
  const size = paper.KERNEL_SIZE,
    step = size + 1,
    wide = mapsOut * step - 1;
  const picture = new Float64Array(wide * (mapsIn * step - 1)).fill(NaN);
  for (let c = 0; c < mapsIn; c++) {
    for (let m = 0; m < mapsOut; m++) {
      if (mapsIn > 1 && !paper.TABLE_1[m].includes(c)) continue;
      for (let k = 0; k < size * size; k++) {
        const row = c * step + Math.floor(k / size),
          column = m * step + (k % size);
        picture[row * wide + column] = kernel[(k * mapsIn + c) * mapsOut + m];
      }
    }
  }
  paint(canvas, picture, wide, signed(largest(kernel) * 0.7));
  canvas.classList.remove("pixels");
}

/** The root mean square difference of two states. */
function distance(one, other) {
  return Math.sqrt(one.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0) / one.length);
}

/** The card of two digits: the frozen one, the one above, and how far apart they are. */
class FreezeCard {
  constructor(page) {
    this.frozen = null;
    $$("freeze").addEventListener("click", () => {
      if (this.frozen) this.frozen = null;
      else this.freeze(page.states);
      page.refresh();
    });
    const side = () => {
      const pictures = [element("canvas"), element("canvas")],
        words = element("p");
      const box = element(
        "div",
        { className: "side" },
        element("div", { className: "pair" }, ...pictures),
        words,
      );
      return { box, pictures, words };
    };
    this.sides = [side(), side()];
    this.layers = LAYERS;
    this.rows = this.layers.map(() => bar());
    const distances = element("div", { id: "distances" }, ...this.rows);
    $$("comparison").append(this.sides[0].box, this.sides[1].box, distances);
  }

  freeze(states) {
    this.frozen = states;
  }

  draw(drawing, states, places, rejectBelow) {
    const { frozen } = this;
    drawing.part("freeze", [Boolean(frozen)], () => {
      $$("freeze").textContent = frozen ? "Unfreeze" : "Freeze this digit";
      $$("comparison").hidden = !frozen;
    });
    if (frozen)
      drawing.part("comparison", [frozen, states, places, rejectBelow], () =>
        this.compare(states, places, rejectBelow),
      );
  }

  compare(states, places, rejectBelow) {
    [this.frozen, states].forEach((one, i) => {
      const {
        pictures: [input, f6],
        words,
      } = this.sides[i];
      paint(input, one.input.x, paper.INPUT_SIZE, inkGrey());
      paint(f6, one.F6.x, paper.CODE_WIDTH, grey(1));
      const { nearest, least, margin, rejected } = judge(one.F6.x, places, rejectBelow);
      words.textContent =
        `${i ? "Now" : "Frozen"}: “${character(nearest)}”, ` +
        `penalty ${number(least, 1)}, ` +
        `margin ${number(margin, 1)}${rejected ? ", rejected" : ""}.`;
    });
    this.layers.forEach((layer, i) => {
      const apart = distance(this.frozen[layer].x, states[layer].x);
      setBar(this.rows[i], layer === "input" ? "Input" : layer, apart / 1.5, number(apart));
    });
  }
}
