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

const STEPS = [
  {
    title: "What C1 looks for",
    section: "II-B, layer C1",
    target: "flow",
    text:
      "Each unit of C1 multiplies a patch of 5 × 5 pixels by its map’s kernel, adds, and " +
      "squashes. The framed unit answers most strongly: ink lies where its kernel is blue, " +
      "paper where it is orange. The map shows where this small pattern occurs. Now ask other" +
      " units.",
    enter: (page) => page.pin(strongest(page.states, "C1")),
  },
  {
    title: "Two numbers make a map of S2",
    section: "II-B, layer S2",
    target: "card-subsampling",
    text:
      "A unit of S2 adds four units of C1, times one coefficient, plus one bias, then the " +
      "squash. Small coefficient: a blur. Large, with a positive bias: one input is enough, a" +
      " noisy OR. With a negative bias all four are needed, a noisy AND. This map goes " +
      "through them now; then move the sliders.",
    enter(page) {
      const { m } = strongest(page.states, "C1");
      page.pin({ ...strongest(page.states, "S2"), m });
      const kinds = [...Object.values(KINDS), page.subsampling.learned()];
      page.animate(4 * 1400, (part) => {
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
    text:
      "The digit is frozen, then moved to the right by two pixels. C1 and C3 change much: " +
      "their features have moved. S2 and S4 change less than the maps that they read, since " +
      "sub-sampling forgets part of a feature’s place. At F6 little of the change is left, " +
      "and the answer stays.",
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
    text:
      "This map of C3 reads three maps of S2; the faded ones are left out. Table I says which " +
      "map reads which; only the last one reads all six. This keeps the number of connections in " +
      "bounds, and it breaks the symmetry: maps that read different inputs must learn " +
      "different features.",
    enter: (page) => page.pin({ layer: "C3", m: 3, y: 4, x: 4 }),
  },
  {
    title: "What F6 paints",
    section: "II-B, layer F6 and output",
    target: "end",
    text:
      "F6’s 84 units are a picture of 7 × 12. Each output unit holds the bitmap of its " +
      "character. It subtracts it from the picture, squares the 84 differences, and adds " +
      "them: that is the penalty. The smallest penalty is the answer. Point at a bar to see " +
      "its code and the difference.",
    enter: (page) => page.pin({ layer: "OUTPUT", m: DIGITS[4], y: 0, x: 0 }),
  },
  {
    title: "How a 4 becomes a 9",
    section: "II-B; figure 13",
    target: "end",
    text:
      "The gap at the top of the 4 closes slowly. F6’s picture changes pixel by pixel, the " +
      "penalty of 4 grows, that of 9 shrinks, and where they cross the answer changes.",
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
    text:
      "Where 4 and 9 are about as near, the margin between the two smallest penalties is " +
      "small. An answer with a margin below the threshold is better rejected than trusted. " +
      "Move the threshold. Try scribbles too: in “Rubbish” below, the eleventh class of eq. 9" +
      " takes what looks like no digit.",
    enter(page) {
      let [narrow, wide] = [0, OPEN]; // where the answer changes lies between the two
      const towards4 = (open) => {
        page.padView.strokes(four(open));
        page.compute();
        const { x } = page.states.OUTPUT;
        return x[4] < x[9];
      };
      for (let halving = 0; halving < 8; halving++) {
        const middle = (narrow + wide) / 2;
        if (towards4(middle)) wide = middle;
        else narrow = middle;
      }
      page.pin({ layer: "OUTPUT", m: DIGITS[9], y: 0, x: 0 });
    },
    leave: (page) => page.padView.strokes(four(OPEN)),
  },
];

/** The card of the tour at the foot of the page. */
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

  start() {
    const { page } = this;
    page.chooseCodes(false);
    page.moveDigit(UNCHANGED);
    page.padView.strokes(four(OPEN));
    this.go(0);
    $$("tour").focus({ preventScroll: true });
  }

  /** Leave the step and enter another one; beyond the last the tour ends. */
  go(number) {
    const { page } = this,
      left = STEPS[this.at];
    page.animate(0);
    left?.leave?.(page);
    if (left) $$(left.target).classList.remove("lit");
    const step = STEPS[number];
    this.at = step ? number : -1;
    $$("tour").hidden = !step;
    document.body.classList.toggle("touring", Boolean(step));
    if (!step) return page.refresh();
    $$("tour-number").textContent = `${number + 1} of ${STEPS.length}`;
    $$("tour-section").textContent = `Section ${step.section}`;
    $$("tour-title").textContent = step.title;
    $$("tour-text").textContent = step.text;
    $$("tour-back").disabled = !number;
    $$("tour-next").textContent = number + 1 < STEPS.length ? "Next" : "Done";
    page.compute();
    step.enter(page);
    page.draw();
    const target = $$(step.target);
    target.classList.add("lit");
    const room = target.getBoundingClientRect();
    scrollTo({ top: scrollY + room.top - 24 });
  }
}
