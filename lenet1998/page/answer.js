// The end of the network: F6's picture beside a code, the penalties, the answer.

const CODES = (() => {
  // (96, 84) of +1 and -1, ASCII 32 to 127
  const bytes = Uint8Array.from(atob(data.codes), (letter) => letter.charCodeAt(0));
  const units = paper.CODE_WIDTH * paper.CODE_HEIGHT,
    numbers = new Int8Array(bytes.buffer);
  return Array.from({ length: numbers.length / units }, (_, i) =>
    Float64Array.from(numbers.subarray(i * units, (i + 1) * units)),
  );
})();
const placeOf = (letter) => letter.charCodeAt(0) - paper.FIRST_CODE;
const DIGITS = Array.from({ length: paper.CLASSES }, (_, digit) => placeOf(String(digit)));

/** The character of a code, by its place among the 96. */
function character(place) {
  const letter = String.fromCharCode(paper.FIRST_CODE + place);
  return letter === " " ? "space" : place === CODES.length - 1 ? "DEL" : letter;
}

/** The penalties of the codes at some places, [place, penalty], the smallest first for all 96. */
function penaltiesOf(f6, places) {
  const y = new RBF(
    "OUTPUT",
    places.map((place) => CODES[place]),
  ).forward(f6);
  return places.map((place, i) => [place, y[i]]);
}

/**
 * The two smallest penalties, the margin between them (the score of figure 10), and whether the
 * answer is rejected; without a known margin (`rejectBelow` null) none is.
 */
function judge(f6, places, rejectBelow) {
  const sorted = penaltiesOf(f6, places).sort(([, y1], [, y2]) => y1 - y2);
  const [[nearest, least], [second, next]] = sorted;
  const margin = next - least,
    rejected = rejectBelow !== null && margin < rejectBelow;
  return { sorted, nearest, least, second, margin, rejected };
}

/** Code, difference, bars and verdict; asks a unit of the output on request. */
class AnswerView {
  constructor({ hover, pin }) {
    this.rows = DIGITS.map(() => {
      const row = bar("button");
      row.addEventListener("pointerenter", () => hover(this.unit(row)));
      row.addEventListener("pointerleave", () => hover(null));
      row.addEventListener("click", () => pin(this.unit(row)));
      return row;
    });
    $$("bars").append(...this.rows);
  }

  unit(row) {
    return { layer: "OUTPUT", m: Number(row.dataset.place), y: 0, x: 0 };
  }

  /** Draw what has changed; `asked` is the unit in question, a `message` says why no digit is. */
  draw(drawing, { f6, places, asked, rejectBelow, message }) {
    const found = judge(f6, places, rejectBelow),
      { sorted, nearest, second, margin } = found;
    const shown =
      places.length > this.rows.length
        ? sorted.slice(0, this.rows.length)
        : penaltiesOf(f6, places);
    drawing.part("bars", [shown], () => this.bars(shown, nearest, second));
    const code = asked?.layer === "OUTPUT" ? asked.m : nearest;
    drawing.part("code", [code, code === nearest], () => this.code(code, code === nearest));
    drawing.part("difference", [f6, code], () => this.difference(f6, code));
    drawing.part("verdict", [nearest, second, margin, rejectBelow, message], () =>
      message ? this.empty(message) : this.verdict(found, rejectBelow),
    );
  }

  bars(shown, nearest, second) {
    const most = Math.max(150, ...shown.map(([, y]) => y));
    shown.forEach(([place, y], i) => {
      const row = this.rows[i],
        name = character(place),
        kind = place === nearest ? "best" : place === second ? "second" : "";
      row.dataset.place = place;
      setBar(row, name, y / most, number(y, 1), kind);
      row.setAttribute("aria-label", `Penalty of ${name}: ${y.toFixed(1)}`);
    });
  }

  code(place, isNearest) {
    paint($$("code"), CODES[place], paper.CODE_WIDTH, grey(1));
    $$("code").setAttribute("aria-label", `The code of ${character(place)}`);
    $$("code-name").textContent = `${isNearest ? "nearest: " : ""}“${character(place)}”`;
  }

  difference(f6, place) {
    const apart = f6.map((x, j) => x - CODES[place][j]);
    paint($$("difference"), apart, paper.CODE_WIDTH, signed(2));
    $$("difference").setAttribute("aria-label", `F6 less the code of ${character(place)}`);
    $$("difference-sum").textContent =
      `squares add to ${number(penaltiesOf(f6, [place])[0][1], 1)}`;
  }

  verdict({ nearest, second, margin, rejected }, rejectBelow) {
    const known = rejectBelow !== null,
      name = character(nearest),
      apart = `“${character(second)}” is ${number(margin, 1)} further away than “${name}”`;
    $$("answer").textContent = name;
    $$("answer").className = `${rejected ? "rejected" : ""} ${name.length > 1 ? "word" : ""}`;
    const judged = !known ? "No rejection" : rejected ? "Rejected" : "Accepted";
    const verdict = () =>
      element("b", rejected ? { className: "no" } : {}, judged);
    $$("judgement").replaceChildren(
      verdict(),
      element("br"),
      `margin ${number(margin, 1)} to “${character(second)}”`,
    );
    $$("margin").textContent = number(margin, 1);
    $$("decision").replaceChildren(
      verdict(),
      known
        ? `: ${apart}; the threshold is ${number(rejectBelow, 1)}.`
        : `: ${apart}. These weights have no margin below which to reject; the slider sets one.`,
    );
  }

  /** Nothing is drawn yet: no answer, whatever the network makes of an empty field. */
  empty(message) {
    for (const part of ["answer", "margin"]) $$(part).textContent = "–";
    for (const part of ["judgement", "decision"]) $$(part).textContent = message;
    $$("answer").className = "rejected";
  }
}
