// Where the digit comes from: strokes on the pad, a printed digit, or a picture; and its sliders.

const PAD_SIZE = 280,
  PEN = 20; // pixels, as handwriting/pad.py
const LARGEST_SIDE = 4096; // pixels; pictures with a longer side are scaled down

/** The pad on the page.  `source` is what the network reads: strokes, or an image and its name. */
class PadView {
  constructor(change) {
    this.pad = new Pad(PAD_SIZE, PEN);
    this.canvas = $$("pad");
    this.change = change;
    this.image = null; // (28, 28), when it is not the strokes that are read
    this.name = "";
    this.listen();
    this.pen = slider(
      $$("pen-slider"),
      "Pen",
      [8, 40, 1],
      PEN,
      (pen) => `${pen} px`,
      (pen) => (this.pad.pen = pen),
    );
  }

  listen() {
    const { canvas } = this;
    const place = (event) => {
      const box = canvas.getBoundingClientRect(),
        scale = PAD_SIZE / box.width;
      return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button || !event.isPrimary) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      if (this.image || this.sample) this.clear();
      this.pad.begin(...place(event));
      this.down = true;
      this.change();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.down || !event.isPrimary) return;
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const one of passed.length ? passed : [event]) this.pad.extend(...place(one));
      this.change();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => (this.down = false));
    }
    $$("undo").addEventListener("click", () => this.undo());
    $$("clear").addEventListener("click", () => this.clear());
    $$("open").addEventListener("click", () => $$("file").click());
    $$("file").addEventListener("change", () => {
      this.read($$("file").files[0]);
      $$("file").value = ""; // so that the same file can be chosen again
    });
    const frame = $$("pad-frame");
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      frame.classList.add("over");
    });
    document.addEventListener("dragleave", () => frame.classList.remove("over"));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      frame.classList.remove("over");
      this.read(event.dataTransfer.files[0]);
    });
  }

  undo() {
    if (this.image) this.image = null;
    else this.pad.undo();
    this.sample = false;
    this.change();
  }

  clear() {
    this.image = null;
    this.message = "";
    this.sample = false;
    this.pad.clear();
    this.change();
  }

  /** Take strokes, lists of points, in place of what is there; a new stroke clears them. */
  strokes(strokes) {
    this.image = null;
    this.pad.clear();
    const { pen } = this.pad;
    this.pad.pen = PEN;
    for (const points of strokes) this.pad.draw(points);
    this.pad.pen = pen;
    this.sample = true;
    this.change();
  }

  /** Take an image (28, 28) in place of what is there. */
  take(image, name) {
    this.pad.clear();
    Object.assign(this, { image, name, message: "" });
    this.change();
  }

  /** What is on the pad now, for `hold` to bring it back. */
  held() {
    const { image, name, message, sample, pad } = this;
    return { image, name, message, sample, drawn: pad.held() };
  }

  hold({ drawn, ...held }) {
    this.pad.hold(drawn);
    Object.assign(this, held);
    this.change();
  }

  /** Read a picture file: its luminance, on white where it is transparent, prepared as III-A. */
  async read(file) {
    if (!file) return;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    $$("pad-frame").classList.add("reading");
    try {
      const image = await readPicture(file);
      if (turn !== this.turn) return; // another one was dropped meanwhile
      if (image) this.take(image, file.name);
      else this.tell(`${file.name} has no ink: nothing differs from its background`);
    } catch {
      if (turn === this.turn) this.tell(`${file.name} is not a picture that this browser can read`);
    } finally {
      if (turn === this.turn) $$("pad-frame").classList.remove("reading");
    }
  }

  tell(message) {
    this.clear();
    this.message = `${message}.`;
  }

  /** The image (28, 28) that the network reads, or null. */
  prepared() {
    if (this.image) return this.image;
    if (this.preparedAt !== this.pad.changes) {
      this.preparedAt = this.pad.changes;
      this.drawn = this.pad.prepared();
    }
    return this.drawn;
  }

  draw() {
    const context = this.canvas.getContext("2d");
    if (this.image) {
      const small = element("canvas");
      paint(small, this.image, paper.IMAGE_SIZE, scale("grey", 0, 255));
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, PAD_SIZE, PAD_SIZE);
    } else {
      context.putImageData(pixels(this.pad.image, PAD_SIZE, scale("grey", 0, 1)), 0, 0);
    }
    $$("pad-frame").classList.toggle("empty", !this.image && !this.pad.strokes.length);
    $$("undo").disabled = !this.image && !this.pad.strokes.length;
  }
}

/** The image (28, 28) of a picture file; null without ink, an error where it is no picture. */
async function readPicture(file) {
  const picture = await createImageBitmap(file, {
    premultiplyAlpha: "none",
    colorSpaceConversion: "none",
  });
  const shrink = Math.min(1, LARGEST_SIDE / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * shrink));
  const height = Math.max(1, Math.round(picture.height * shrink));
  const context = element("canvas", { width, height }).getContext("2d", {
    willReadFrequently: true,
  });
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  return prepare(luminance(context.getImageData(0, 0, width, height)), height, width);
}

/** The grey levels 0 to 1 of an ImageData. */
function luminance({ data: bytes, width, height }) {
  const levels = new Float64Array(width * height);
  for (let i = 0, at = 0; i < levels.length; i++, at += 4) {
    const grey = (0.299 * bytes[at] + 0.587 * bytes[at + 1] + 0.114 * bytes[at + 2]) / 255,
      opaque = bytes[at + 3] / 255;
    levels[i] = grey * opaque + 1 - opaque;
  }
  return levels;
}

/** The sliders of figure 13's changes; `set(change)` moves them. */
function changeSliders(into, changed) {
  const change = { ...UNCHANGED },
    half = paper.ROBUST_SHIFT * paper.BOX_SIZE;
  const turn = 3 * paper.ROBUST_ROTATION,
    big = paper.ROBUST_SCALE;
  const signedText = (unit) => (value) => `${value > 0 ? "+" : ""}${number(value, 0)}${unit}`;
  const make = (name, label, range, text) =>
    slider(into, label, range, change[name], text, (value) =>
      changed({ ...change, [name]: value }),
    );
  const sliders = {
    right: make("right", "Shift right", [-half, half, 0.5], (value) => number(value, 1)),
    down: make("down", "Shift down", [-half, half, 0.5], (value) => number(value, 1)),
    rotation: make("rotation", "Rotation", [-turn, turn, 1], signedText("°")),
    scale: make("scale", "Scale", [0.4, big, 0.02], (value) => `× ${number(value)}`),
    noise: make(
      "noise",
      "Noise",
      [0, 3 * paper.NOISE_PROBABILITY, 0.01],
      (value) => `${number(100 * value, 0)} %`,
    ),
  };
  return {
    set(values) {
      Object.assign(change, values);
      for (const [name, one] of Object.entries(sliders)) one.set(change[name]);
    },
  };
}

/** Buttons that take the next printed digit of a class. */
function printedButtons(take) {
  const size = paper.IMAGE_SIZE ** 2,
    { labels } = data.printed;
  const bytes = Uint8Array.from(atob(data.printed.images), (letter) => letter.charCodeAt(0));
  return Array.from({ length: paper.CLASSES }, (_, digit) => {
    const own = [...labels.keys()].filter((i) => labels[i] === digit);
    let next = 0;
    const button = element("button", {
      textContent: digit,
      title: `A printed ${digit}; press again for another`,
    });
    button.addEventListener("click", () => {
      const i = own[next++ % own.length];
      take(bytes.slice(i * size, (i + 1) * size), `a printed ${digit}`);
    });
    $$("printed").append(button);
    return button;
  });
}
