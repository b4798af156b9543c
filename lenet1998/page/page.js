// The page: the chosen input and unit, the network's answer, and the views that show them.

/** The one page: its views, and what they show. */
class Page {
  constructor() {
    this.trainings = data.trainings.map((training) => {
      const arrays = readArrays(training.arrays);
      return { ...training, arrays, network: makeNetwork(arrays) };
    });
    this.chosen = 0;
    this.network = makeNetwork(this.training.arrays);
    this.change = { ...UNCHANGED };
    this.places = DIGITS;
    this.show = "x";
    this.pinned = null;
    this.hovered = null;
    this.times = { compute: 0, draw: 0 };
    this.drawing = new Drawing();
    this.makeViews();
    this.listen();
  }

  get training() {
    return this.trainings[this.chosen];
  }

  makeViews() {
    readColours();
    const ask = { hover: (unit, aloud) => this.hover(unit, aloud), pin: (unit) => this.pin(unit) };
    this.views = LAYERS.map((layer) => new MapView(layer, ask));
    this.answer = new AnswerView(ask);
    this.padView = new PadView(() => this.recompute());
    this.changes = changeSliders($$("change-sliders"), (change) => this.moveDigit(change));
    this.reject = slider(
      $$("reject-slider"),
      "Reject below",
      [0, Math.max(40, ...this.trainings.map(({ rejectBelow }) => 2 * rejectBelow)), 0.1],
      this.training.rejectBelow,
      (margin) => (margin === null ? "none" : number(margin, 1)),
      (margin) => {
        this.rejectBelow = margin;
        this.refresh();
      },
    );
    this.rejectBelow = this.training.rejectBelow;
    this.subsampling = new SubsamplingCard(this);
    this.codes = new CodesCard(this);
    this.posterior = new PosteriorCard(this);
    this.trainingsCard = new TrainingsCard(this);
    this.freezeCard = new FreezeCard(this);
    this.tour = new Tour(this);
    this.printed = printedButtons((image, name) => this.padView.take(image, name));
  }

  listen() {
    for (const show of ["x", "a"]) {
      $$(`show-${show}`).addEventListener("click", () => {
        this.show = show;
        this.refresh();
      });
    }
    $$("altered").addEventListener("click", () => this.useTraining(this.chosen));
    $$("unchange").addEventListener("click", () => this.moveDigit(UNCHANGED));
    $$("theme").addEventListener("click", () =>
      this.setTheme(this.theme === "dark" ? "light" : "dark"),
    );
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) =>
      this.setTheme(event.matches ? "dark" : "light"),
    );
    new ResizeObserver(() => this.fit()).observe($$("see"));
    document.addEventListener("keydown", (event) => this.key(event));
    const watched = document.querySelectorAll("article, #unit-panel, #see canvas");
    const parts = [...watched].map(({ id }) => id);
    this.inSight = new Set(parts); // at first all, so that nothing is empty
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        this.inSight[isIntersecting ? "add" : "delete"](target.id);
      }
      this.refresh();
    });
    for (const part of parts) observer.observe($$(part));
    $$("asked").addEventListener("click", () => $$("unit").scrollIntoView());
  }

  key(event) {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      /^(SELECT|TEXTAREA)$/.test(event.target.tagName)
    )
      return;
    const actions = {
      u: () => this.padView.undo(),
      c: () => this.padView.clear(),
      f: () => $$("freeze").click(),
      t: () => this.tour.start(),
      Escape: () => (this.tour.at < 0 ? this.unpin() : this.tour.go(STEPS.length)),
    };
    if (actions[event.key]) actions[event.key]();
    else if (/^\d$/.test(event.key)) this.printed[Number(event.key)].click();
  }

  setTheme(theme) {
    this.theme = theme;
    document.documentElement.dataset.theme = theme;
    $$("theme").textContent = theme === "dark" ? "Light" : "Dark";
    readColours();
    this.drawing.forget();
    this.codes.repaint();
    this.trainingsCard.repaint();
    this.refresh();
  }

  fit() {
    for (const view of this.views) view.fit();
    this.panelWidth = $$("unit-work").clientWidth;
    this.drawing.forget();
    this.draw();
  }

  // What may be asked of the page; each is answered in the next frame.

  hover(unit, aloud = false) {
    this.hovered = unit;
    if (unit && aloud) {
      const { x } = workings(this.network, this.states, unit);
      $$("announce").textContent = `${unitName(unit)}: ${number(x)}`;
    }
    this.refresh();
  }

  pin(unit) {
    this.pinned = unit;
    this.asking = Boolean(unit);
    if (unit && unit.layer[0] === "S") this.subsampling.choose(unit.layer, unit.m);
    this.refresh();
  }

  unpin() {
    this.hovered = null;
    this.pin(null);
  }

  moveDigit(change) {
    Object.assign(this.change, change);
    this.changes.set(this.change);
    this.recompute();
  }

  chooseCodes(all) {
    this.places = all ? CODES.map((_, place) => place) : DIGITS;
    this.refresh();
  }

  /** Read with another training's weights, as they were learned. */
  useTraining(i) {
    this.chosen = i;
    this.network = makeNetwork(this.training.arrays);
    this.rejectBelow = this.training.rejectBelow;
    this.reject.set(this.rejectBelow);
    this.recompute();
  }

  /** Call `step` with 0 to 1 over some milliseconds; at once with 1 where motion is reduced. */
  animate(duration, step) {
    cancelAnimationFrame(this.motion);
    this.motion = null;
    if (!duration) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return step(1);
    const begin = performance.now();
    const frame = (now) => {
      const part = Math.min(Math.max((now - begin) / duration, 0), 1);
      step(part);
      this.motion = part < 1 ? requestAnimationFrame(frame) : null;
    };
    this.motion = requestAnimationFrame(frame);
  }

  recompute() {
    this.stale = true;
    this.refresh();
  }

  refresh() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      const begin = performance.now();
      if (this.stale) this.compute();
      const middle = performance.now();
      this.draw();
      this.times = { compute: middle - begin, draw: performance.now() - middle };
    });
  }

  /** From the digit to the states; without ink the network reads an empty field. */
  compute() {
    this.stale = false;
    this.image = this.padView.prepared();
    const field = normalise(this.image ?? new Uint8Array(paper.IMAGE_SIZE ** 2));
    this.input = transform(field, this.change);
    this.states = this.network.forward(this.input);
  }

  /** Draw what has changed since the last frame. */
  draw() {
    const { drawing, padView, states, places, rejectBelow } = this,
      asked = this.hovered ?? this.pinned;
    drawing.begin();
    drawing.part("pad", [padView.image, padView.pad.changes], () => padView.draw());
    this.drawMaps(asked);
    const message = this.image ? "" : padView.message || "No ink yet.";
    this.answer.draw(drawing, { f6: states.F6.x, places, asked, rejectBelow, message });
    drawUnit(drawing, this.network, states, asked, this.panelWidth);
    const below = {
      // drawn while they are in sight
      "card-subsampling": () => this.subsampling.draw(drawing, states),
      "card-codes": () => this.codes.draw(drawing, states.F6.x, places),
      "card-posterior": () => this.posterior.draw(drawing, states.OUTPUT.x),
      "card-trainings": () => this.trainingsCard.draw(drawing, this.input, places),
      "card-freeze": () => this.freezeCard.draw(drawing, states, places, rejectBelow),
    };
    for (const [part, draw] of Object.entries(below)) if (this.inSight.has(part)) draw();
    $$("altered").hidden = !this.subsampling.altered;
    this.tell(asked);
  }

  drawMaps(asked) {
    const { drawing, show } = this,
      range = show === "x" ? 1 : 3,
      field = asked ? receptiveField(asked) : {};
    for (const view of this.views) {
      const { layer } = view,
        state = this.states[layer][show],
        own = asked?.layer === layer ? asked : null;
      const colour = () => (layer === "input" ? inkGrey() : grey(range));
      const values = [state, layer === "input" || range, field[layer], own];
      if (this.inSight.has(`map-${layer}`))
        drawing.part(`map-${layer}`, values, () => view.draw(state, colour(), field[layer], own));
      if (this.pinned?.layer === layer && !this.hovered) view.chosen = this.pinned;
    }
    drawing.part("legend", [show], () => {
      $$("legend-low").textContent = `−${range} or less`;
      $$("legend-high").textContent = `${range} or more`;
      for (const one of ["x", "a"]) $$(`show-${one}`).setAttribute("aria-pressed", one === show);
    });
  }

  /** The asked unit in a line while its panel is out of sight, and how long all this took. */
  tell(asked) {
    const line = $$("asked");
    line.hidden =
      this.inSight.has("unit-panel") ||
      this.tour.at >= 0 ||
      !asked ||
      !(this.hovered || this.asking);
    if (!line.hidden) {
      const value = number(workings(this.network, this.states, asked).x, 3);
      line.replaceChildren(
        `${unitName(asked)}: `,
        element("b", {}, value),
        element("span", {}, "how? ↓"),
      );
    }
    const { compute, draw } = this.times;
    if (compute)
      $$("times").textContent =
        `Last answer: ${compute.toFixed(1)} ms to compute, ${draw.toFixed(1)} ms to draw.`;
  }
}

const page = new Page();
page.padView.strokes(four(OPEN));
page.compute();
page.pinned = strongest(page.states, "C1");
page.setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
page.fit();

// For the console, and for tests: try lenet5.page.network.forward(lenet5.normalise(image)).
window.lenet5 = {
  page,
  Pad,
  UNCHANGED,
  prepare,
  normalise,
  transform,
  posteriors,
  receptiveField,
  workings,
  data,
};
