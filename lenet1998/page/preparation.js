// A picture of a digit made into the network's input: III-A's preparation as in
// lenet1998/handwriting/preparation.py, and the changes of figure 13 as in data/transformations.py.

const BORDER_SHARE = 0.8,
  NOISE_FACTOR = 4,
  THRESHOLDS = [0.05, 0.5];
const LEAST_CONTRAST = 0.1,
  STRAY_INK = 0.002,
  CENTRE = paper.IMAGE_SIZE / 2;

/** The nearest whole number; of two the even one, as NumPy and Python round. */
function rint(value) {
  const low = Math.floor(value),
    part = value - low;
  return part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1;
}

/** A quantile of sorted numbers, interpolated linearly. */
function quantile(sorted, share) {
  const place = share * (sorted.length - 1),
    low = Math.floor(place);
  return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/**
 * A grey image (height, width), black 0 to white 1 or the reverse, as MNIST's are: Uint8Array
 * (28, 28), ink 255, in a box of 20x20, its centre of mass in pixel (14, 14).  null without ink.
 */
function prepare(image, height, width) {
  const ink = new Float64Array(image),
    border = [];
  for (let c = 0; c < width; c++) border.push(image[c], image[(height - 1) * width + c]);
  for (let r = 0; r < height; r++) border.push(image[r * width], image[(r + 1) * width - 1]);
  border.sort((a, b) => a - b);
  const background = quantile(border, 0.5);
  let low = Infinity,
    high = -Infinity;
  for (let i = 0; i < ink.length; i++) {
    ink[i] -= background;
    low = Math.min(low, ink[i]);
    high = Math.max(high, ink[i]);
  }
  const sign = -low > high ? -1 : 1,
    contrast = Math.max(-low, high);
  if (!(contrast >= LEAST_CONTRAST)) return null;
  const distances = border.map((level) => Math.abs(level - background)).sort((a, b) => a - b);
  const [lowest, highest] = THRESHOLDS.map((part) => part * contrast);
  const noise = NOISE_FACTOR * quantile(distances, BORDER_SHARE);
  const threshold = Math.min(Math.max(noise, lowest), highest);
  const rows = new Float64Array(height),
    columns = new Float64Array(width);
  for (let i = 0; i < ink.length; i++) {
    ink[i] = sign * ink[i] > threshold ? sign * ink[i] : 0;
    if (!ink[i]) continue;
    rows[Math.floor(i / width)] += ink[i];
    columns[i % width] += ink[i];
  }
  return centred(...fitted(ink, width, extent(rows), extent(columns)));
}

/** The first and the last row or column of the ink, but for the stray parts at both ends. */
function extent(sums) {
  let total = 0;
  const cumulated = Array.from(sums, (sum) => (total += sum));
  const reach = (part) => cumulated.findIndex((sum) => sum >= part * total);
  const last = reach(1 - STRAY_INK);
  return [reach(STRAY_INK), last < 0 ? sums.length - 1 : last];
}

/** The boxed ink scaled to 20x20, its aspect ratio kept: levels 0 to 255, height and width. */
function fitted(ink, width, [top, bottom], [left, right]) {
  const tall = bottom - top + 1,
    wide = right - left + 1;
  const scale = paper.BOX_SIZE / Math.max(tall, wide);
  const down = resampling(tall, scale),
    along = resampling(wide, scale);
  const half = down.map((weights) => {
    const line = new Float64Array(wide);
    weights.forEach(([r, weight]) => {
      for (let c = 0; c < wide; c++) line[c] += weight * ink[(top + r) * width + left + c];
    });
    return line;
  });
  const glyph = half.flatMap((line) =>
    along.map((weights) => weights.reduce((sum, [c, weight]) => sum + weight * line[c], 0)),
  );
  const strongest = Math.max(...glyph);
  return [glyph.map((value) => rint((255 * value) / strongest)), down.length, along.length];
}

/** For each pixel of a scaled line the pixels that it shows, [index, weight]. */
function resampling(size, scale) {
  const count = Math.ceil(size * scale - 1e-9);
  return Array.from({ length: count }, (_, out) => {
    const weights = [];
    const place = Math.min(Math.max((out + 0.5) / scale - 0.5, 0), size - 1);
    for (let into = 0; into < size; into++) {
      const ends = Math.min((out + 1) / scale, into + 1) - Math.max(out / scale, into);
      const weight =
        scale <= 1
          ? scale * Math.max(ends, 0) // shrunk: the average over the area
          : Math.min(size * scale - out, 1) * Math.max(1 - Math.abs(place - into), 0);
      if (weight > 0) weights.push([into, weight]);
    }
    return weights;
  });
}

/** Levels (height, width) in the field of 28x28, the centre of mass in pixel (14, 14). */
function centred(levels, height, width) {
  let mass = 0,
    down = 0,
    along = 0;
  levels.forEach((level, i) => {
    mass += level;
    down += level * Math.floor(i / width);
    along += level * (i % width);
  });
  const top = CENTRE - rint(down / mass),
    left = CENTRE - rint(along / mass);
  const size = paper.IMAGE_SIZE,
    image = new Uint8Array(size * size);
  levels.forEach((level, i) => {
    const row = top + Math.floor(i / width),
      column = left + (i % width);
    if (row >= 0 && row < size && column >= 0 && column < size) image[row * size + column] = level;
  });
  return image;
}

/** Grey levels (28, 28) as the input of II-B: (32, 32), background -0.1 and ink 1.175. */
function normalise(image) {
  const size = paper.INPUT_SIZE,
    small = paper.IMAGE_SIZE,
    edge = (size - small) / 2;
  const scale = (paper.FOREGROUND - paper.BACKGROUND) / 255;
  const x = new Float64Array(size * size).fill(paper.BACKGROUND);
  image.forEach((level, i) => {
    x[(Math.floor(i / small) + edge) * size + (i % small) + edge] += scale * level;
  });
  return x;
}

/** A generator of numbers from 0 to 1 that always gives the same ones (mulberry32). */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const NOISE = Float64Array.from({ length: paper.INPUT_SIZE ** 2 }, generator(1998));
const UNCHANGED = { right: 0, down: 0, rotation: 0, scale: 1, noise: 0 };

/**
 * An input shifted (pixels), turned (degrees anticlockwise) and scaled about the centre of the
 * field, bilinearly; then each pixel inverted with probability `noise`, always the same pixels.
 */
function transform(x, { right, down, rotation, scale, noise }) {
  const size = paper.INPUT_SIZE,
    centre = (size - 1) / 2,
    turn = (rotation * Math.PI) / 180;
  const cos = Math.cos(turn) / scale,
    sin = Math.sin(turn) / scale;
  const pixel = (r, c) =>
    r < 0 || c < 0 || r >= size || c >= size ? paper.BACKGROUND : x[r * size + c];
  return Float64Array.from(x, (_, i) => {
    const r = Math.floor(i / size) - centre - down,
      c = (i % size) - centre - right;
    const row = centre + cos * r + sin * c,
      column = centre - sin * r + cos * c;
    const r0 = Math.floor(row),
      c0 = Math.floor(column),
      dr = row - r0,
      dc = column - c0;
    const top = pixel(r0, c0) * (1 - dc) + pixel(r0, c0 + 1) * dc;
    const bottom = pixel(r0 + 1, c0) * (1 - dc) + pixel(r0 + 1, c0 + 1) * dc;
    const value = top * (1 - dr) + bottom * dr;
    return NOISE[i] < noise ? paper.BACKGROUND + paper.FOREGROUND - value : value;
  });
}

const QUICK_UNDO = 10; // last strokes of which the image before them is kept

/** Strokes of a round pen and the grey image that they leave, as handwriting/pad.py. */
class Pad {
  constructor(size, pen) {
    Object.assign(this, { size, pen, strokes: [], changes: 0 });
    this.image = new Float64Array(size * size);
  }

  begin(x, y) {
    const { strokes, pen, image } = this;
    strokes.push({ pen, points: [[x, y]], before: image.slice() });
    if (strokes.length > QUICK_UNDO) strokes.at(-1 - QUICK_UNDO).before = null;
    this.paint(this.pen, [x, y], [x, y]);
  }

  extend(x, y) {
    const { pen, points } = this.strokes.at(-1);
    this.paint(pen, points.at(-1), [x, y]);
    points.push([x, y]);
  }

  draw(points) {
    points.forEach(([x, y], i) => (i ? this.extend(x, y) : this.begin(x, y)));
  }

  undo() {
    const kept = this.strokes.slice(0, -1),
      before = this.strokes.at(-1)?.before;
    this.clear();
    if (before) this.image.set(before);
    else
      for (const { pen, points } of kept)
        points.forEach((point, i) => this.paint(pen, points[Math.max(i - 1, 0)], point));
    this.strokes = kept;
  }

  /** What is drawn, for `hold` to bring it back. */
  held() {
    return { strokes: this.strokes, image: this.image.slice() };
  }

  hold({ strokes, image }) {
    this.clear();
    this.image.set(image);
    this.strokes = strokes;
  }

  clear() {
    this.image.fill(0);
    this.strokes = [];
    this.changes++;
  }

  /** A pixel is inked by how far its centre lies within the pen's edge, over one pixel. */
  paint(pen, [x0, y0], [x1, y1]) {
    const { image, size } = this,
      reach = pen / 2 + 1,
      dx = x1 - x0,
      dy = y1 - y0;
    const limit = (place) => Math.min(Math.max(place, 0), size);
    const left = limit(Math.floor(Math.min(x0, x1) - reach));
    const right = limit(Math.ceil(Math.max(x0, x1) + reach));
    const top = limit(Math.floor(Math.min(y0, y1) - reach));
    const bottom = limit(Math.ceil(Math.max(y0, y1) + reach));
    const square = dx * dx + dy * dy;
    this.changes++; // how often the image has changed
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const x = column + 0.5 - x0,
          y = row + 0.5 - y0;
        const along = square ? Math.min(Math.max((x * dx + y * dy) / square, 0), 1) : 0;
        const across = x - along * dx,
          down = y - along * dy,
          distance = Math.sqrt(across * across + down * down);
        const level = Math.min(Math.max(pen / 2 + 0.5 - distance, 0), 1);
        const i = row * size + column;
        if (level > image[i]) image[i] = level;
      }
    }
  }

  /** The drawing as the network's image (28, 28); null while there is no ink. */
  prepared() {
    const { image, size } = this,
      wide = size + 2; // paper all round
    const framed = new Float64Array(wide * wide);
    for (let row = 0; row < size; row++) {
      framed.set(image.subarray(row * size, (row + 1) * size), (row + 1) * wide + 1);
    }
    return prepare(framed, wide, wide);
  }
}
