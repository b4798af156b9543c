// The tour: seven steps that move the page itself.

/** A 4 whose upright strokes stand apart at the top by `open` pixels; closed it is a 9. */
function four(open) {
  return [
    [
      [130 - open / 2, 60],
      [95, 140],
      [190, 140],
    ],
    [
      [120 + open, 60],
      [185, 60],
      [175, 235],
    ],
  ];
}

const OPEN = 60;

/** The unit of a layer with the largest state. */
function strongest(states, layer) {
  const x = states[layer].x,
    [, width, maps] = SHAPES[layer];
  const unit = x.indexOf(Math.max(...x)),
    m = unit % maps,
    place = (unit - m) / maps;
  return { layer, m, y: Math.floor(place / width), x: place % width };
}

// A step has its place on the page, `target`, and where that is too large for a phone a part of it,
// `narrow`; what it does on entering and what it puts back on leaving.
const STEPS = [
  {
    title: "What C1 looks for",
    section: "II-B, layer C1",
    target: "flow",
    text:
      "A unit of C1 multiplies 5 × 5 pixels by its map’s kernel, adds the products and a bias, and " +
      "squashes the sum. The framed unit answers most strongly of all: there is ink where its " +
      "kernel is blue, and paper where it is orange. Its map shows every place where this small " +
      "pattern occurs. Now ask other units.",
    enter: (page) => page.pin(strongest(page.states, "C1")),
  },
  {
    title: "Two numbers make a map of S2",
    section: "II-B, layer S2",
    target: "card-subsampling",
    narrow: "sub-work",
    text:
      "A unit of S2 adds four units of C1, multiplies the sum by a coefficient, adds a bias, and " +
      "squashes: two numbers for a whole map. A small coefficient blurs. A large one is a noisy OR " +
      "with a positive bias (one input is enough), and a noisy AND with a negative bias (all four " +
      "are needed). The map shows these three, then what it learned. Move the sliders.",
    enter(page) {
      const { m } = strongest(page.states, "C1");
      page.pin({ ...strongest(page.states, "S2"), m });
      const kinds = [...Object.values(KINDS), page.subsampling.learned()];
      page.animate(4 * 1800, (part) => {
        const at = Math.min(Math.floor(part * kinds.length), kinds.length - 1);
        page.subsampling.give(...kinds[at]);
      });
    },
    leave: (page) => page.useTraining(page.chosen),
  },
  {
    title: "What sub-sampling does to a shift",
    section: "II-B, layers S2 and S4; III-E",
    target: "card-freeze",
    narrow: "comparison",
    text:
      "The digit is frozen, then moved to the right by two pixels. The features in C1 and C3 move " +
      "with it, so these maps change much. S2 and S4 change less than the maps that they read: a " +
      "sum of four units keeps less of a feature’s exact place. Little of the change reaches F6, " +
      "and the answer stays the same.",
    enter(page) {
      page.freezeCard.freeze(page.states);
      page.refresh();
      page.animate(2400, (part) => page.moveDigit({ right: 2 * part }));
    },
    leave(page) {
      page.freezeCard.frozen = null;
      page.moveDigit(UNCHANGED);
    },
  },
  {
    title: "Why Table I",
    section: "II-B, Table I",
    target: "flow",
    narrow: "flow-S2",
    text:
      "This map of C3 reads three maps of S2; the others are faded. Table I says which map reads " +
      "which: three, four, or, for the last map, all six. This limits the number of connections, " +
      "and it breaks the symmetry: maps with different inputs have to learn different features.",
    enter: (page) => page.pin({ layer: "C3", m: 3, y: 4, x: 4 }),
  },
  {
    title: "What F6 paints",
    section: "II-B, layer F6 and output",
    target: "end",
    text:
      "F6’s 84 units are a picture of 7 × 12. Each output unit has the bitmap of its character, its " +
      "code. It subtracts the code from the picture, squares the 84 differences, and adds them: " +
      "that sum is its penalty. The smallest penalty gives the answer. Point at a bar to see its " +
      "code and the difference: blue is too dark, orange too light.",
    enter: (page) => page.pin({ layer: "OUTPUT", m: DIGITS[4], y: 0, x: 0 }),
  },
  {
    title: "How a 4 becomes a 9",
    section: "II-B, layer F6 and output",
    target: "end",
    text:
      "The gap at the top of the 4 closes slowly. F6’s picture changes pixel by pixel. The penalty " +
      "of 4 grows and that of 9 shrinks; where they cross, the answer changes.",
    enter(page) {
      page.unpin();
      page.animate(5200, (part) => page.padView.strokes(four(OPEN * (1 - part))));
    },
    leave: (page) => page.padView.strokes(four(OPEN)),
  },
  {
    title: "When to reject",
    section: "III-C, figure 10; II-C, eq. 9",
    target: "end",
    narrow: "penalties",
    text:
      "Here 4 and 9 are about equally near: the margin between their penalties is small. Such an " +
      "answer is often wrong, and below the threshold it is rejected. Move the threshold. The margin " +
      "does not find everything that is no digit: scribble something, and look at “Rubbish” " +
      "further down.",
    enter(page) {
      page.pin({ layer: "OUTPUT", m: DIGITS[9], y: 0, x: 0 });
      let [narrow, wide] = [0, OPEN], // where the answer changes lies between the two
        halvings = 0;
      page.animate(300, (part) => {
        for (; halvings < Math.floor(8 * part); halvings++) {
          const middle = (narrow + wide) / 2;
          page.padView.strokes(four(middle));
          page.compute();
          const { x } = page.states.OUTPUT;
          if (x[4] < x[9]) wide = middle;
          else narrow = middle;
        }
      });
    },
    leave: (page) => page.padView.strokes(four(OPEN)),
  },
];

/** The card of the tour. */
class Tour {
  constructor(page) {
    this.page = page;
    this.at = -1;
    $$("tour-start").addEventListener("click", () => this.start());
    $$("tour-next").addEventListener("click", () => this.go(this.at + 1));
    $$("tour-back").addEventListener("click", () => this.go(this.at - 1));
    $$("tour-again").addEventListener("click", () => this.go(this.at));
    $$("tour-end").addEventListener("click", () => this.go(STEPS.length));
  }

  /** Begin with a 4 and the weights as they were learned; the end gives back what was there. */
  start() {
    const { page } = this,
      { padView, freezeCard } = page;
    if (this.at < 0)
      this.before = { digit: padView.held(), change: { ...page.change }, frozen: freezeCard.frozen };
    page.chooseCodes(false);
    page.useTraining(page.chosen);
    page.moveDigit(UNCHANGED);
    padView.strokes(four(OPEN));
    this.go(0);
    $$("tour").focus({ preventScroll: true });
  }

  end() {
    const { page, before } = this,
      { digit, change, frozen } = before;
    page.padView.hold(digit);
    page.freezeCard.frozen = frozen;
    page.moveDigit(change);
    page.refresh();
  }

  /** Leave the step and enter another one; beyond the last the tour ends. */
  go(number) {
    const { page } = this,
      left = STEPS[this.at];
    page.animate(0);
    left?.leave?.(page);
    document.querySelector(".lit")?.classList.remove("lit");
    const step = STEPS[number];
    this.at = step ? number : -1;
    $$("tour").hidden = !step;
    document.body.classList.toggle("touring", Boolean(step));
    if (!step) return this.end();
    $$("tour-number").textContent = `${number + 1} of ${STEPS.length}`;
    $$("tour-section").textContent = `Section ${step.section}`;
    $$("tour-title").textContent = step.title;
    $$("tour-text").textContent = step.text;
    $$("tour-back").disabled = !number;
    $$("tour-next").textContent = number + 1 < STEPS.length ? "Next" : "Done";
    page.compute();
    if (!left && narrowScreen.matches) page.fit(); // beside the tour the page may be narrower
    page.inSight.add(step.target); // it will be: what is drawn there decides how tall it is
    step.enter(page);
    page.draw();
    const target = $$((narrowScreen.matches && step.narrow) || step.target);
    target.classList.add("lit");
    const room = target.getBoundingClientRect();
    scrollTo({ top: scrollY + room.top - 24 });
  }
}
