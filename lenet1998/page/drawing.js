// Which parts of the page a frame draws: those that show something else than they did before.

/** Whether two values are equal: numbers, words, arrays and plain objects, by their content. */
function same(one, other) {
  if (Object.is(one, other)) return true;
  if (!(one instanceof Object && other instanceof Object)) return false;
  if (ArrayBuffer.isView(one) || Array.isArray(one)) {
    if (one.length !== other.length) return false;
    for (let i = 0; i < one.length; i++) if (!same(one[i], other[i])) return false;
    return true;
  }
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => same(one[name], other[name]))
  );
}

/** What each part of the page shows.  A part has a name; most have that of an element. */
class Drawing {
  constructor() {
    this.shown = new Map();
    this.drawn = []; // the names of the parts that the last frame drew
  }

  /** Begin a frame. */
  begin() {
    this.drawn = [];
  }

  /** Draw a part if one of its values has changed; `draw` must use no other values that can. */
  part(name, values, draw) {
    if (same(this.shown.get(name), values)) return;
    this.shown.set(name, values);
    this.drawn.push(name);
    draw();
  }

  /** Draw every part in the next frame: the colours are others, or the canvases are. */
  forget() {
    this.shown.clear();
  }
}
