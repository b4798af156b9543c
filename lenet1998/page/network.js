// LeNet-5 (II-B), layer by layer as in lenet1998/layers.
//
// A state is a Float64Array of shape [height, width, maps]: unit (row, column) of map m stands at
// (row * width + column) * maps + m.  A layer's forward(x) takes the state below and returns its
// weighted sums a; squash makes the state x of them.

const data = JSON.parse(document.getElementById("data").textContent);
const paper = data.paper;

/** f(a) = A tanh(S a) of every number (eq. 6). */
function squash(a) {
  return a.map((value) => paper.SQUASH_A * Math.tanh(paper.SQUASH_S * value));
}

/** a[y, x, m] = bias[m] + sum over ky, kx, c of kernel[ky, kx, c, m] * input[y + ky, x + kx, c]. */
class Convolution {
  constructor(name, [height, width, mapsIn], { kernel, bias }) {
    const size = paper.KERNEL_SIZE;
    Object.assign(this, { name, kernel, bias, size, mapsIn, widthIn: width });
    this.outputShape = [height - size + 1, width - size + 1, bias.length];
  }

  forward(x) {
    const { kernel, bias, size, mapsIn, widthIn } = this;
    const [height, width, maps] = this.outputShape;
    const a = new Float64Array(height * width * maps);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const unit = (row * width + column) * maps;
        a.set(bias, unit);
        let weight = 0; // of the kernel, in its own order
        for (let ky = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++) {
            for (let c = 0; c < mapsIn; c++, weight += maps) {
              const input = x[((row + ky) * widthIn + column + kx) * mapsIn + c];
              for (let m = 0; m < maps; m++) a[unit + m] += input * kernel[weight + m];
            }
          }
        }
      }
    }
    return a;
  }
}

/** a[y, x, m] = coefficient[m] * (sum of the 2x2 inputs of map m) + bias[m]. */
class Subsampling {
  constructor(name, [height, width, maps], { coefficient, bias }) {
    Object.assign(this, { name, coefficient, bias, widthIn: width });
    this.outputShape = [height / 2, width / 2, maps];
  }

  forward(x) {
    const [height, width, maps] = this.outputShape;
    const below = this.widthIn * maps; // from a row of the input to the next
    const a = new Float64Array(height * width * maps);
    for (let i = 0; i < a.length; i++) {
      const m = i % maps;
      const column = ((i - m) / maps) % width;
      const row = Math.floor(i / maps / width);
      const first = 2 * row * below + 2 * column * maps + m;
      const sum = x[first] + x[first + maps] + x[first + below] + x[first + below + maps];
      a[i] = this.coefficient[m] * sum + this.bias[m];
    }
    return a;
  }
}

/** a[i] = bias[i] + sum over j of weights[j, i] * x[j]. */
class Full {
  constructor(name, { weights, bias }) {
    Object.assign(this, { name, weights, bias, outputShape: [1, 1, bias.length] });
  }

  forward(x) {
    const a = Float64Array.from(this.bias);
    x.forEach((input, j) => {
      for (let i = 0; i < a.length; i++) a[i] += input * this.weights[j * a.length + i];
    });
    return a;
  }
}

/** y[i] = sum over j of (x[j] - codes[i, j])^2 (eq. 7): a penalty; the smallest is the answer. */
class RBF {
  constructor(name, codes) {
    Object.assign(this, { name, codes, outputShape: [1, 1, codes.length] });
  }

  forward(x) {
    return Float64Array.from(this.codes, (code) =>
      code.reduce((sum, on, j) => sum + (x[j] - on) ** 2, 0),
    );
  }
}

/** The network of figure 2: [32, 32, 1] in, ten penalties out. */
class LeNet5 {
  constructor(arrays, codes) {
    const c1 = new Convolution("C1", [paper.INPUT_SIZE, paper.INPUT_SIZE, 1], arrays.C1);
    const s2 = new Subsampling("S2", c1.outputShape, arrays.S2);
    const c3 = new Convolution("C3", s2.outputShape, arrays.C3); // 0 where Table I has no X
    const s4 = new Subsampling("S4", c3.outputShape, arrays.S4);
    const c5 = new Convolution("C5", s4.outputShape, arrays.C5);
    this.layers = [c1, s2, c3, s4, c5, new Full("F6", arrays.F6), new RBF("OUTPUT", codes)];
  }

  layer(name) {
    return this.layers.find((layer) => layer.name === name);
  }

  /** Every layer's sums a and state x, by name; OUTPUT's x are the penalties. */
  forward(input) {
    const states = { input: { a: input, x: input } };
    let x = input;
    for (const layer of this.layers) {
      const a = layer.forward(x);
      x = layer instanceof RBF ? a : squash(a);
      states[layer.name] = { a, x };
    }
    return states;
  }
}

/** The posteriors of eq. 9, in which penalties are halved; the last one is that of rubbish. */
function posteriors(penalties, j) {
  const exp = [...penalties].map((y) => Math.exp(-paper.PENALTY_SCALE * y));
  exp.push(Math.exp(-j));
  const sum = exp.reduce((total, value) => total + value);
  return exp.map((value) => value / sum);
}
