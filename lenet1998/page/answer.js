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

/** F6, code, difference, bars and verdict; asks a unit of the output on request. */
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

  /** Draw for these states; `asked` is the unit in question. */
  draw(f6, places, asked, rejectBelow) {
    const all = penaltiesOf(f6, places);
    const sorted = [...all].sort(([, y1], [, y2]) => y1 - y2);
    const [[nearest, least], [second]] = sorted;
    const shown = places.length > this.rows.length ? sorted.slice(0, this.rows.length) : all;
    const most = Math.max(150, ...shown.map(([, y]) => y));
    shown.forEach(([place, y], i) => {
      const row = this.rows[i],
        name = character(place);
      row.dataset.place = place;
      setBar(
        row,
        name,
        y / most,
        number(y, 1),
        place === nearest ? "best" : place === second ? "second" : "",
      );
      row.setAttribute("aria-label", `Penalty of ${name}: ${y.toFixed(1)}`);
    });
    const code = asked?.layer === "OUTPUT" ? asked.m : nearest;
    const penalty = asked?.layer === "OUTPUT" ? penaltiesOf(f6, [code])[0][1] : least;
    paint($$("code"), CODES[code], paper.CODE_WIDTH, grey(1));
    paint(
      $$("difference"),
      f6.map((x, j) => x - CODES[code][j]),
      paper.CODE_WIDTH,
      signed(2),
    );
    $$("code").setAttribute("aria-label", `The code of ${character(code)}`);
    $$("difference").setAttribute("aria-label", `F6 less the code of ${character(code)}`);
    $$("code-name").textContent = `${code === nearest ? "nearest: " : ""}“${character(code)}”`;
    $$("difference-sum").textContent = `squares add to ${number(penalty, 1)}`;
    this.judge(sorted, rejectBelow);
    return sorted;
  }

  judge([[nearest, least], [second, next]], rejectBelow) {
    const margin = next - least,
      rejected = margin < rejectBelow,
      name = character(nearest);
    $$("answer").textContent = name;
    $$("answer").className = `${rejected ? "rejected" : ""} ${name.length > 1 ? "word" : ""}`;
    const verdict = () =>
      element("b", rejected ? { className: "no" } : {}, rejected ? "Rejected" : "Accepted");
    $$("judgement").replaceChildren(
      verdict(),
      element("br"),
      `margin ${number(margin, 1)} to “${character(second)}”`,
    );
    $$("margin").textContent = number(margin, 1);
    $$("decision").replaceChildren(
      verdict(),
      `: “${character(second)}” is ${number(margin, 1)} further away than ` +
        `“${name}”, ${rejected ? "less than" : "at least"} ${number(rejectBelow, 1)}.`,
    );
  }

  /** Nothing is drawn yet: no answer, whatever the network makes of an empty field. */
  empty(message) {
    $$("answer").textContent = "–";
    $$("answer").className = "rejected";
    $$("judgement").textContent = message;
  }
}
