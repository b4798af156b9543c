// Experiments: the coefficient and bias of sub-sampling, the output codes, and j of eq. 9.

const KINDS = {
  // coefficient and bias, as in notebook 03
  blur: [0.1, 0],
  "noisy OR": [2, 6],
  "noisy AND": [2, -6],
};

const SAYS = {
  learned: "The two numbers that training gave this map.",
  blur:
    "A small coefficient and no bias: x is nearly in proportion to the sum. The map is the one " +
    "before it, blurred.",
  "noisy OR":
    "A large coefficient and a positive bias: x is high as soon as one of the four inputs is on. " +
    "Noisy: an input that is partly on counts in part.",
  "noisy AND":
    "A large coefficient and a negative bias: x is high only when all four inputs are on. " +
    "Noisy: an input that is partly on counts in part.",
  own: "Numbers of your own.",
};

/** The card of a sub-sampling map. */
class SubsamplingCard {
  constructor(page) {
    this.page = page;
    this.layer = "S2";
    this.m = 0;
    const select = $$("sub-map");
    for (const layer of ["S2", "S4"]) {
      const options = Array.from({ length: SHAPES[layer][2] }, (_, m) =>
        element("option", { value: `${layer} ${m}` }, `${layer}, map ${m}`),
      );
      select.append(element("optgroup", { label: layer }, ...options));
    }
    select.addEventListener("change", () => {
      const [layer, m] = select.value.split(" ");
      this.choose(layer, Number(m));
      page.refresh();
    });
    this.buttons = ["learned", ...Object.keys(KINDS)].map((kind) =>
      element("button", {
        textContent: kind,
        onclick: () => this.give(...(KINDS[kind] ?? this.learned())),
      }),
    );
    $$("sub-kinds").append(...this.buttons);
    const text = (value) => number(value);
    this.sliders = [
      slider($$("sub-sliders"), "Coefficient", [-1, 3, 0.01], 0, text, (value) =>
        this.give(value, this.bias),
      ),
      slider($$("sub-sliders"), "Bias", [-8, 8, 0.02], 0, text, (value) =>
        this.give(this.coefficient, value),
      ),
    ];
  }

  get own() {
    return this.page.network.layer(this.layer);
  }

  get coefficient() {
    return this.own.coefficient[this.m];
  }

  get bias() {
    return this.own.bias[this.m];
  }

  learned() {
    const { coefficient, bias } = this.page.training.arrays[this.layer];
    return [coefficient[this.m], bias[this.m]];
  }

  /** Whether any map has other numbers than it learned. */
  get altered() {
    return ["S2", "S4"].some((layer) =>
      ["coefficient", "bias"].some((name) => {
        const learned = this.page.training.arrays[layer][name];
        return this.page.network.layer(layer)[name].some((value, m) => value !== learned[m]);
      }),
    );
  }

  choose(layer, m) {
    Object.assign(this, { layer, m });
    $$("sub-map").value = `${layer} ${m}`;
  }

  /** Give the map these two numbers; the whole network answers with them. */
  give(coefficient, bias) {
    this.own.coefficient[this.m] = coefficient;
    this.own.bias[this.m] = bias;
    this.page.recompute();
  }

  draw(drawing, states) {
    const { layer, m, coefficient, bias } = this,
      below = layer === "S2" ? "C1" : "C3",
      learned = this.learned();
    drawing.part("sub-formula", [layer, m, coefficient, bias, learned], () => this.drawNumbers());
    drawing.part("sub-curve", [coefficient, bias], () => this.drawCurve());
    const picture = (part, name, when) => {
      const map = mapOf(states[name].x, SHAPES[name][2], m);
      drawing.part(part, [name, m, map], () => {
        paint($$(part), map, SHAPES[name][1], grey(1));
        $$(part).setAttribute("aria-label", `${name}, map ${m}`);
        $$(`${part}-name`).replaceChildren(
          element("b", {}, `${name} map ${m}`),
          element("small", {}, when),
        );
      });
    };
    picture("sub-before", below, "before");
    picture("sub-after", layer, "after");
  }

  drawNumbers() {
    const { coefficient, bias } = this;
    this.sliders[0].set(coefficient);
    this.sliders[1].set(bias);
    $$("sub-formula").replaceChildren(
      "x = f( ",
      element("b", {}, number(coefficient)),
      ` × (x₁ + x₂ + x₃ + x₄) ${bias < 0 ? "−" : "+"} `,
      element("b", {}, number(Math.abs(bias))),
      " )",
    );
    const known = { learned: this.learned(), ...KINDS };
    const kind = Object.keys(known).find((name) =>
      [coefficient, bias].every((value, i) => Math.abs(known[name][i] - value) < 1e-6),
    );
    for (const button of this.buttons)
      button.setAttribute("aria-pressed", button.textContent === kind);
    $$("sub-kind").textContent = SAYS[kind ?? "own"];
  }

  /** The squash of each number of inputs that are on (+1, the others -1). */
  drawCurve() {
    const { coefficient, bias } = this,
      on = [0, 1, 2, 3, 4];
    $$("sub-curve").innerHTML =
      curveSvg(
        on.map((count) => [2 * count - 4, "mark", count]),
        {
          range: 5,
          width: 210,
          squashed: (sum) => squash([coefficient * sum + bias])[0],
          label: "sum",
        },
      ) + "<small>Dots: none to all four of the inputs are on (+1), the others off (−1).</small>";
  }
}

/** The card of the codes: the gallery of figure 3, and the nearest characters. */
class CodesCard {
  constructor(page) {
    this.buttons = CODES.map((code, place) => {
      const canvas = element("canvas");
      const button = element("button", { title: character(place) }, canvas);
      button.setAttribute("aria-label", `Code of ${character(place)}`);
      button.addEventListener("click", () => page.pin({ layer: "OUTPUT", m: place, y: 0, x: 0 }));
      return button;
    });
    $$("gallery").append(...this.buttons);
    for (const all of [false, true]) {
      $$(all ? "codes-all" : "codes-digits").addEventListener("click", () => page.chooseCodes(all));
    }
  }

  repaint() {
    CODES.forEach((code, place) =>
      paint(this.buttons[place].firstChild, code, paper.CODE_WIDTH, grey(1)),
    );
  }

  draw(drawing, f6, places) {
    const all = CODES.map((_, place) => place);
    const near = penaltiesOf(f6, all).sort(([, y1], [, y2]) => y1 - y2);
    const nearest = near.find(([place]) => places.includes(place))[0];
    drawing.part("gallery", [places, nearest], () => this.drawGallery(places, nearest));
    const best = near.slice(0, 5).map(([place, y]) => `“${character(place)}” ${number(y, 1)}`);
    drawing.part("nearest", best, () => {
      $$("nearest").textContent =
        `Nearest of all ${CODES.length}: ${best.join(", ")}. Characters that are easily ` +
        "confused have similar codes.";
    });
  }

  drawGallery(places, nearest) {
    const all = places.length === CODES.length;
    this.buttons.forEach((button, place) => {
      button.classList.toggle("used", places.includes(place));
      button.classList.toggle("near", place === nearest);
    });
    $$("codes-all").setAttribute("aria-pressed", all);
    $$("codes-digits").setAttribute("aria-pressed", !all);
  }
}

/** The card of j, eq. 9's penalty of rubbish. */
class PosteriorCard {
  constructor(page) {
    this.j = paper.RUBBISH_PENALTY;
    this.slider = slider(
      $$("j-slider"),
      "j",
      [0.5, 60, 0.5],
      this.j,
      (j) => number(j, 1),
      (j) => {
        this.j = j;
        page.refresh();
      },
    );
    this.rows = [...DIGITS, null].map(() => bar());
    $$("posterior").append(...this.rows);
  }

  set(j) {
    this.j = j;
    this.slider.set(j);
  }

  draw(drawing, penalties) {
    const shares = posteriors(penalties, this.j),
      best = shares.indexOf(Math.max(...shares));
    drawing.part("posterior", [shares], () =>
      shares.forEach((share, i) => {
        const name = i < paper.CLASSES ? String(i) : "rubbish";
        setBar(this.rows[i], name, share, `${number(100 * share, 1)} %`, i === best ? "best" : "");
      }),
    );
  }
}
