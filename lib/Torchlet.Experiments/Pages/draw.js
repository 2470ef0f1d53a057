"use strict";
// The run's network and the steps that bring a drawing into its frame, again in this language: Drawing.cs, InkPart.cs, Oddity.cs and Layers.cs are the
// originals, which a test holds this against. Names of classes reach the page as text nodes and attributes, never as markup.

const { about, side, divisor, classes, layers, arrays, examples } = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

function bytes(base64) {
  const text = atob(base64), array = new Uint8Array(text.length);
  for (let i = 0; i < array.length; i++) array[i] = text.charCodeAt(i);
  return array;
}

const weights = new Map(Object.entries(arrays).map(([name, base64]) => [name, new Float32Array(bytes(base64).buffer)]));
const count = shape => shape.reduce((product, length) => product * length, 1);

// Layers: each takes the numbers of one example, row by row, and its own description, and gives numbers again. Sums are doubles, results float32.

function dense(x, { parameters: [weight, bias], output: [units] }) {
  const w = weights.get(weight), b = weights.get(bias);
  return Float32Array.from({ length: units }, (_, unit) => {
    let sum = b[unit];
    for (let i = 0, at = unit * x.length; i < x.length; i++) sum += x[i] * w[at + i];
    return sum;
  });
}

function conv(x, { parameters: [weight, bias], input: [c, h, w], output: [channels, rows, columns], arguments: { kernel, stride, padding, groups } }) {
  const k = weights.get(weight), b = weights.get(bias), plane = new Float64Array(rows * columns), y = new Float32Array(channels * rows * columns);
  const seen = c / groups;
  for (let o = 0; o < channels; o++) {
    const first = Math.floor(o * groups / channels) * seen;
    plane.fill(b[o]);
    for (let i = 0; i < seen; i++)
      for (let ky = 0; ky < kernel; ky++)
        for (let kx = 0; kx < kernel; kx++) {
          const factor = k[((o * seen + i) * kernel + ky) * kernel + kx];
          for (let row = 0; row < rows; row++) {
            const v = row * stride + ky - padding;
            if (v < 0 || v >= h) continue;
            for (let column = 0; column < columns; column++) {
              const u = column * stride + kx - padding;
              if (u >= 0 && u < w) plane[row * columns + column] += factor * x[((first + i) * h + v) * w + u];
            }
          }
        }
    y.set(plane, o * plane.length);
  }
  return y;
}

function convTranspose(x, { parameters: [weight, bias], input: [c, h, w], output: [channels, rows, columns], arguments: { kernel, stride, padding } }) {
  const k = weights.get(weight), b = weights.get(bias), plane = new Float64Array(rows * columns), y = new Float32Array(channels * rows * columns);
  for (let o = 0; o < channels; o++) {
    plane.fill(b[o]);
    for (let i = 0; i < c; i++)
      for (let ky = 0; ky < kernel; ky++)
        for (let kx = 0; kx < kernel; kx++) {
          const factor = k[((i * channels + o) * kernel + ky) * kernel + kx];
          for (let v = 0; v < h; v++) {
            const row = v * stride + ky - padding;
            if (row < 0 || row >= rows) continue;
            for (let u = 0; u < w; u++) {
              const column = u * stride + kx - padding;
              if (column >= 0 && column < columns) plane[row * columns + column] += factor * x[(i * h + v) * w + u];
            }
          }
        }
    y.set(plane, o * plane.length);
  }
  return y;
}

const pool = (first, add, last) => (x, { input: [c, h, w], output: [, rows, columns], arguments: { size, stride } }) => {
  const y = new Float32Array(c * rows * columns);
  for (let i = 0, at = 0; i < c; i++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, at++) {
        let value = first;
        for (let v = row * stride; v < row * stride + size; v++)
          for (let u = column * stride; u < column * stride + size; u++) value = add(value, x[(i * h + v) * w + u]);
        y[at] = last(value, size * size);
      }
  return y;
};

function globalAvgPool(x, { output: [c] }) {
  const each = x.length / c;
  return Float32Array.from({ length: c }, (_, i) => x.subarray(i * each, (i + 1) * each).reduce((sum, v) => sum + v, 0) / each);
}

function upsample(x, { input: [, h, w], output: [, rows, columns], arguments: { factor } }) {
  return Float32Array.from({ length: x.length * factor * factor }, (_, at) => {
    const column = at % columns, row = Math.floor(at / columns) % rows, channel = Math.floor(at / columns / rows);
    return x[(channel * h + Math.floor(row / factor)) * w + Math.floor(column / factor)];
  });
}

function batchNorm(x, { parameters: [gamma, beta], state: [mean, variance], input: [c], arguments: { epsilon } }) {
  const [g, b, m, v] = [gamma, beta, mean, variance].map(name => weights.get(name)), each = x.length / c;
  return x.map((value, i) => {
    const channel = Math.floor(i / each);
    return (value - m[channel]) / Math.sqrt(v[channel] + epsilon) * g[channel] + b[channel];
  });
}

function standardised(x, epsilon) {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length, variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
  return x.map(v => (v - mean) / Math.sqrt(variance + epsilon));
}

function layerNorm(x, { parameters: [gamma, beta], arguments: { epsilon } }) {
  const g = weights.get(gamma), b = weights.get(beta);
  return standardised(x, epsilon).map((v, i) => v * g[i] + b[i]);
}

function rmsNorm(x, { parameters: [gamma], arguments: { epsilon } }) {
  const g = weights.get(gamma), root = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + epsilon);
  return x.map((v, i) => v / root * g[i]);
}

function groupNorm(x, { parameters: [gamma, beta], input: [c], arguments: { groups, epsilon } }) {
  const g = weights.get(gamma), b = weights.get(beta), places = x.length / c, each = x.length / groups, y = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += each) y.set(standardised(x.subarray(at, at + each), epsilon), at);
  return y.map((v, i) => v * g[Math.floor(i / places)] + b[Math.floor(i / places)]);
}

function residual(x, { inner }) {
  const y = forward(inner, x);
  return x.map((v, i) => v + y[i]);
}

const sigmoid = x => 1 / (1 + Math.exp(-x));

/** The error function to 1.5e-7. Source: Abramowitz and Stegun 1964, 7.1.26. */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

const softplus = x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const hardsigmoid = x => Math.min(Math.max(x + 3, 0), 6) / 6;
const selu = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

const each = f => (x, { arguments: numbers }) => x.map(v => f(v, numbers));
const same = x => x;
const kinds = {
  Dense: dense, Residual: residual, BatchNorm: batchNorm, GroupNorm: groupNorm, LayerNorm: layerNorm, RmsNorm: rmsNorm,
  Conv: conv, ConvTranspose: convTranspose, GlobalAvgPool: globalAvgPool, Upsample: upsample,
  MaxPool: pool(-Infinity, Math.max, largest => largest), AvgPool: pool(0, (sum, v) => sum + v, (sum, n) => sum / n),
  Flatten: same, Dropout: same, Identity: same, Rescale: (x, { arguments: { scale, offset } }) => x.map(v => scale * v + offset),
  Sigmoid: each(sigmoid), Relu: each(x => Math.max(x, 0)), Tanh: each(Math.tanh), Gelu: each(x => x * (1 + erf(x * Math.SQRT1_2)) / 2),
  Elu: each(x => x > 0 ? x : Math.expm1(x)), LeakyRelu: each((x, { slope }) => x > 0 ? x : slope * x), Silu: each(x => x * sigmoid(x)),
  Selu: each(x => selu.scale * (x > 0 ? x : selu.alpha * Math.expm1(x))), Softplus: each(softplus), Mish: each(x => x * Math.tanh(softplus(x))),
  Hardtanh: each(x => Math.min(Math.max(x, -1), 1)), Hardsigmoid: each(hardsigmoid), Hardswish: each(x => x * hardsigmoid(x)),
  Relu6: each(x => Math.min(Math.max(x, 0), 6)),
};

/** What comes out of the last of some layers; look sees what comes out of each. */
function forward(some, x, look = () => {}) {
  return some.reduce((x, layer) => {
    const y = kinds[layer.kind](x, layer);
    look(layer, y);
    return y;
  }, x);
}

/** The probability of each class for an image of side · side numbers from 0 to 255, row by row. */
function predict(pixels, look) {
  const logits = forward(layers, Float32Array.from(pixels, v => v / divisor), look), most = Math.max(...logits);
  const powers = Array.from(logits, v => Math.exp(v - most)), sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(v => v / sum);
}

// Pictures: bytes, row by row. Every step rounds to the nearest byte, halves up, and cuts at 0 and 255; a Uint8ClampedArray would round halves to even.

const clamp = (v, least, most) => Math.min(Math.max(v, least), most);

function picture(width, height, value) {
  const values = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) values[i] = clamp(Math.floor(value(x, y, i) + 0.5), 0, 255);
  return { width, height, values, longer: Math.max(width, height) };
}

const mapped = (p, value) => picture(p.width, p.height, (x, y, i) => value(p.values[i]));
const negative = p => mapped(p, v => 255 - v);

/** In another size by area averaging. */
function resized(p, width, height) {
  return picture(width, height, (x, y) => {
    const left = x * p.width / width, right = (x + 1) * p.width / width, top = y * p.height / height, bottom = (y + 1) * p.height / height;
    let sum = 0;
    for (let v = Math.floor(top); v < bottom; v++) {
      let row = 0;
      for (let u = Math.floor(left); u < right; u++) row += p.values[v * p.width + u] * (Math.min(right, u + 1) - Math.max(left, u));
      sum += row * (Math.min(bottom, v + 1) - Math.max(top, v));
    }
    return sum / ((right - left) * (bottom - top));
  });
}

function withLonger(p, length) {
  const scaled = one => Math.max(1, Math.floor(one * length / p.longer + 0.5));
  return resized(p, scaled(p.width), scaled(p.height));
}

const small = (p, longest) => p.longer > longest ? withLonger(p, longest) : p;

function dilated(p, radius) {
  const along = (p, size, step, place) => picture(p.width, p.height, (x, y, i) => {
    const at = place(x, y);
    let brightest = 0;
    for (let d = -Math.min(radius, at); d <= Math.min(radius, size - 1 - at); d++) brightest = Math.max(brightest, p.values[i + d * step]);
    return brightest;
  });
  return along(along(p, p.width, 1, x => x), p.height, p.width, (x, y) => y);
}

const eroded = (p, radius) => negative(dilated(negative(p), radius));

const isBorder = (i, { width, height }) => {
  const x = i % width, y = Math.floor(i / width);
  return x === 0 || x === width - 1 || y === 0 || y === height - 1;
};

// Drawing.cs, step by step.

const frameSide = 28, box = 20, workingSide = 256, paperSide = 60, faint = 40, weak = 0.5, strong = 0.9, smallest = 0.04, inside = 0.1, speck = 0.04,
  thinnestStroke = 0.07;

const grey = (rgba, width, height) => picture(width, height, (x, y, i) => {
  const alpha = rgba[4 * i + 3] / 255;
  return (0.299 * rgba[4 * i] + 0.587 * rgba[4 * i + 1] + 0.114 * rgba[4 * i + 2]) * alpha + 255 * (1 - alpha);
});

function lightPaper(p) {
  const border = p.values.filter((_, i) => isBorder(i, p)).sort(), paper = border[Math.floor(border.length / 2)];
  return p.values.reduce((sum, v) => sum + (v - paper) ** 3, 0) <= 0 ? p : negative(p);
}

function inkOf(p) {
  const little = small(p, paperSide), radius = Math.max(1, Math.floor(Math.floor(paperSide / 6) * little.longer / paperSide));
  const paper = eroded(dilated(little, radius), radius + 1), sx = paper.width / p.width, sy = paper.height / p.height;
  return picture(p.width, p.height, (x, y, i) => {
    const light = between(paper, (x + 0.5) * sx - 0.5, (y + 0.5) * sy - 0.5);
    return 255 * (light - p.values[i]) / Math.max(1, light);
  });
}

/** The brightness between four pixels. */
function between(p, x, y) {
  const u = clamp(x, 0, p.width - 1), v = clamp(y, 0, p.height - 1), left = Math.floor(u), top = Math.floor(v);
  const right = Math.min(left + 1, p.width - 1), bottom = Math.min(top + 1, p.height - 1);
  const mix = (a, b, share) => a + (b - a) * share, at = (x, y) => p.values[y * p.width + x];
  return mix(mix(at(left, top), at(right, top), u - left), mix(at(left, bottom), at(right, bottom), u - left), v - top);
}

/** How many pixels have each brightness. */
function histogramOf(values) {
  const histogram = new Array(256).fill(0);
  for (const v of values) histogram[v]++;
  return histogram;
}

const total = histogram => histogram.reduce((sum, n) => sum + n, 0);
const weighted = histogram => histogram.reduce((sum, n, v) => sum + n * v, 0);

function otsu(histogram) {
  const all = total(histogram), sum = weighted(histogram);
  let below = 0, sumBelow = 0, best = 0, threshold = 0;
  for (let t = 0; t < 255; t++) {
    below += histogram[t];
    sumBelow += histogram[t] * t;
    if (below === 0 || below === all) continue;
    const difference = sumBelow / below - (sum - sumBelow) / (all - below), variance = below * (all - below) * difference * difference;
    if (variance > best) [best, threshold] = [variance, t];
  }
  return threshold;
}

/** What parts ink from paper, and the mean of either. */
function levels(ink) {
  const strokes = ink.values.filter(v => v >= faint).sort();
  const weakest = strokes.length === 0 ? 0 : Math.trunc(weak * strokes[Math.trunc(strong * strokes.length)]);
  const histogram = histogramOf(ink.values), threshold = Math.max(otsu(histogramOf(ink.values.map(v => v < faint ? 0 : v))), weakest);
  const mean = some => total(some) === 0 ? threshold : weighted(some) / total(some);
  return { threshold, paper: mean(histogram.map((n, v) => v <= threshold ? n : 0)), full: mean(histogram.map((n, v) => v > threshold ? n : 0)) };
}

/** The parts that hang together by sides or corners, in the order of their first pixels. */
function partsOf({ width, height, values }) {
  const parts = [], seen = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0 || seen[i]) continue;
    const pixels = [i];
    seen[i] = 1;
    for (let next = 0; next < pixels.length; next++) {
      const x = pixels[next] % width, y = Math.floor(pixels[next] / width);
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const at = v * width + u;
          if (values[at] === 0 || seen[at]) continue;
          seen[at] = 1;
          pixels.push(at);
        }
    }
    parts.push(part(pixels, width));
  }
  return parts;
}

function part(pixels, width) {
  let left = Infinity, top = Infinity, right = 0, bottom = 0;
  for (const i of pixels) {
    const x = i % width, y = Math.floor(i / width);
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  return { pixels, area: pixels.length, left, top, right, bottom };
}

const boxOf = parts => ({
  left: Math.min(...parts.map(p => p.left)), top: Math.min(...parts.map(p => p.top)),
  right: Math.max(...parts.map(p => p.right)), bottom: Math.max(...parts.map(p => p.bottom)),
});
const largestOf = parts => parts.reduce((most, p) => Math.max(most, p.area), 0);

function withoutEdges(parts, { width, height }) {
  const within = parts.filter(p => p.left > 0 && p.top > 0 && p.right < width && p.bottom < height), largest = largestOf(parts);
  return within.some(p => p.area >= inside * largest) ? within : parts;
}

function withoutSpecks(parts) {
  const largest = largestOf(parts);
  return parts.filter(p => p.area >= speck * largest);
}

function isDust(figure, marks) {
  const { left, top, right, bottom } = boxOf(figure);
  return figure.length === 0 || Math.max(right - left, bottom - top) < smallest * marks.longer;
}

function soft(ink, { paper, full }, figure) {
  const marked = new Uint8Array(ink.values.length);
  for (const { pixels } of figure) for (const i of pixels) marked[i] = 255;
  const near = dilated({ ...ink, values: marked }, 1);
  return picture(ink.width, ink.height, (x, y, i) => near.values[i] === 0 ? 0 : 255 * (ink.values[i] - paper) / (full - paper));
}

function cropped(ink) {
  const { left, top, right, bottom } = boxOf(partsOf(ink));
  const grown = Math.ceil(Math.max(0, thinnestStroke * Math.max(right - left, bottom - top) - strokeWidth(ink)) / 2);
  return dilated(picture(right - left + 2 * grown, bottom - top + 2 * grown, (x, y) => {
    const u = x + left - grown, v = y + top - grown;
    return u >= 0 && u < ink.width && v >= 0 && v < ink.height ? ink.values[v * ink.width + u] : 0;
  }), grown);
}

function strokeWidth({ width, height, values }) {
  const isInk = (x, y) => x >= 0 && x < width && y >= 0 && y < height && values[y * width + x] > 127;
  let area = 0, outline = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (isInk(x, y)) {
        area++;
        outline += !isInk(x - 1, y) + !isInk(x + 1, y) + !isInk(x, y - 1) + !isInk(x, y + 1);
      }
  return outline === 0 ? 0 : 2 * area / outline;
}

function centred(figure) {
  let mass = 0, sumX = 0, sumY = 0;
  figure.values.forEach((v, i) => {
    mass += v;
    sumX += v * (i % figure.width + 0.5);
    sumY += v * (Math.floor(i / figure.width) + 0.5);
  });
  const offset = (centre, length) => clamp(Math.floor(side / 2 - centre + 0.5), 0, side - length);
  const left = offset(sumX / mass, figure.width), top = offset(sumY / mass, figure.height);
  return picture(side, side, (x, y) => x >= left && x < left + figure.width && y >= top && y < top + figure.height
    ? figure.values[(y - top) * figure.width + x - left] : 0);
}

/** A picture's pixels (red, green, blue, alpha, …) in the network's frame, with what is odd about it. */
function frame(rgba, width, height) {
  const ink = inkOf(lightPaper(small(grey(rgba, width, height), workingSide))), level = levels(ink);
  const marks = mapped(ink, v => v > level.threshold && v >= faint ? 255 : 0);
  const parts = withoutEdges(partsOf(marks), marks), figure = withoutSpecks(parts);
  if (isDust(figure, marks)) return { pixels: new Uint8Array(side * side), oddity: "there is nothing on it" };
  const framed = centred(withLonger(cropped(soft(ink, level, figure)), Math.floor(box * side / frameSide + 0.5)));
  return { pixels: framed.values, oddity: oddityOf(parts, figure, marks, framed) };
}

// Oddity.cs.

const leastInk = 0.045, mostInk = 0.31, widest = 1.7, mostPieces = 3, mostLoops = 2, mostOnBorder = 0.1, leastInFigure = 0.7, ofFigure = 0.25, gap = 0.06,
  leastLoop = 0.003;

function oddityOf(parts, figure, marks, framed) {
  const { left, top, right, bottom } = boxOf(figure), area = some => some.reduce((sum, p) => sum + p.area, 0);
  const ink = framed.values.reduce((sum, v) => sum + v, 0) / framed.values.length / 255, loops = loopsOf(figure, marks.width);
  const onBorder = figure.flatMap(p => p.pixels).filter(i => isBorder(i, marks)).length / (2 * (marks.width + marks.height) - 4);
  return onBorder > mostOnBorder ? "ink runs along the edge of the picture"
    : area(figure) / area(parts) < leastInFigure ? "most of it is specks"
    : figure.length > mostPieces ? `it is in ${figure.length} pieces`
    : areApart(figure, gap * Math.max(right - left, bottom - top)) ? "there are figures side by side"
    : right - left > widest * (bottom - top) ? "it is too wide"
    : loops > mostLoops ? `it has ${loops} loops`
    : ink < leastInk ? "there is too little ink"
    : ink > mostInk ? "there is too much ink"
    : "";
}

function areApart(figure, width) {
  const most = largestOf(figure), large = figure.filter(p => p.area >= ofFigure * most).sort((a, b) => a.left - b.left);
  return large.some((p, i) => i > 0 && p.left - Math.max(...large.slice(0, i).map(q => q.right)) >= width);
}

function loopsOf(figure, width) {
  const { left, top, right, bottom } = boxOf(figure), ink = new Set(figure.flatMap(p => p.pixels));
  const isInk = (x, y) => x > 0 && x <= right - left && y > 0 && y <= bottom - top && ink.has((y + top - 1) * width + x + left - 1);
  const paper = picture(right - left + 2, bottom - top + 2, (x, y) => isInk(x, y) ? 0 : 255);
  return partsOf(paper).slice(1).filter(p => p.area >= leastLoop * (right - left) * (bottom - top)).length;
}

// The page.

const mostBars = 10, mostMaps = 64, leastProbability = 0.5, keyStep = 0.03;
const paper = $("paper"), context = paper.getContext("2d", { willReadFrequently: true });
const state = { pointer: null, at: [0.5, 0.5], isDown: false, isBlank: true, example: null, isDue: false };
const percent = p => `${(100 * p).toFixed(1)} %`;

function clear() {
  context.clearRect(0, 0, paper.width, paper.height);
  Object.assign(state, { isBlank: true, example: null });
  refresh();
  $("said").textContent = "The paper is blank.";
}

/** A line on the paper from where the pen is; places are shares of its side. */
function lineTo(x, y) {
  const width = Number($("thickness").value) / 100 * paper.width, points = [state.at, [x, y]].map(([x, y]) => [x * paper.width, y * paper.height]);
  Object.assign(context, { lineWidth: width, lineCap: "round", lineJoin: "round" });
  context.beginPath();
  context.moveTo(...points[0]);
  context.lineTo(...points[1]);
  context.stroke();
  state.at = [x, y];
  state.isBlank = false;
  refresh();
}

/** Puts the pen on the paper. After an example the paper is cleared first. */
function begin(x, y) {
  if (state.example !== null) clear();
  state.at = [x - 1e-3, y]; // A line of no length would draw nothing, and a touch is a dot.
  lineTo(x, y);
}

function place(event) {
  const { left, top, width, height } = paper.getBoundingClientRect();
  return [(event.clientX - left) / width, (event.clientY - top) / height];
}

function showExample(example) {
  const image = new ImageData(side, side);
  example.pixels.forEach((v, i) => image.data[4 * i + 3] = v);
  const little = make("canvas", { width: side, height: side });
  little.getContext("2d").putImageData(image, 0, 0);
  context.clearRect(0, 0, paper.width, paper.height);
  context.drawImage(little, 0, 0, paper.width, paper.height);
  Object.assign(state, { isBlank: false, example });
  refresh();
  say();
}

/** Computes and shows once for all that happens until the screen is drawn again. */
function refresh() {
  if (state.isDue) return;
  state.isDue = true;
  requestAnimationFrame(answered);
}

function answered() {
  state.isDue = false;
  $("hint").hidden = !state.isBlank;
  for (const example of shown) example.button.ariaPressed = String(example === state.example);
  if (state.isBlank) return show(new Uint8Array(side * side), null, "");
  // An example is in the frame already.
  const { pixels, oddity } = state.example ? { ...state.example, oddity: "" }
    : frame(context.getImageData(0, 0, paper.width, paper.height).data, paper.width, paper.height);
  const isEmpty = pixels.every(v => v === 0), values = new Map();
  const probabilities = isEmpty ? null : predict(pixels, (layer, y) => values.set(layer, y));
  const remark = oddity || (!isEmpty && Math.max(...probabilities) < leastProbability ? "the network is unsure" : "");
  show(pixels, probabilities, remark, values);
}

function show(pixels, probabilities, remark, values) {
  paint($("seen"), pixels);
  const order = [...classes.keys()];
  if (classes.length > mostBars && probabilities) order.sort((a, b) => probabilities[b] - probabilities[a]);
  const first = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
  $("best").textContent = first < 0 ? "" : classes[first];
  $("best").className = first >= 0 && classes[first].length > 2 ? "word" : "";
  $("remark").textContent = remark && `Careful: ${remark}.`;
  bars.forEach(({ row, name, bar, share }, i) => {
    const p = probabilities ? probabilities[order[i]] : 0;
    row.className = order[i] === first ? "first" : "";
    name.textContent = name.title = classes[order[i]];
    bar.style.width = `${100 * p}%`;
    share.textContent = probabilities ? percent(p) : "";
  });
  for (const { canvas, layer, isAfter } of maps) light(canvas, shapeOf(layer), values?.get(isAfter));
  state.saying = first < 0 ? remark : `${classes[first]}, ${percent(probabilities[first])}${remark && `. Careful: ${remark}`}`;
}

/** Tells a screen reader once a line is drawn, not at every move. */
function say() {
  requestAnimationFrame(() => $("said").textContent = state.saying);
}

function paint(canvas, pixels) {
  const image = new ImageData(side, side);
  pixels.forEach((v, i) => image.data.set([v, v, v, 255], 4 * i));
  Object.assign(canvas, { width: side, height: side }).getContext("2d").putImageData(image, 0, 0);
}

// A number is a map of one pixel.
const shapeOf = ({ output }) => output.length === 3 ? output : [count(output), 1, 1];

/** The maps of a layer side by side, the strength of each number relative to the largest. */
function light(canvas, [maps, height, width], values) {
  const unit = width === 1 ? 9 : Math.max(1, Math.round(44 / width)), shown = width === 1 ? maps : Math.min(maps, mostMaps);
  const columns = Math.ceil(Math.sqrt(2 * shown)), cell = [width * unit + 2, height * unit + 2];
  Object.assign(canvas, { width: columns * cell[0], height: Math.ceil(shown / columns) * cell[1] });
  const pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement), colour = name => style.getPropertyValue(name);
  const [back, more, less] = [colour("--over"), colour("--accent"), colour("--less")];
  const most = values ? values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1 : 1;
  for (let map = 0; map < shown; map++) {
    const left = map % columns * cell[0], top = Math.floor(map / columns) * cell[1];
    pen.globalAlpha = 1;
    pen.fillStyle = back;
    pen.fillRect(left, top, width * unit, height * unit);
    for (let i = 0; values && i < width * height; i++) {
      const v = values[map * width * height + i];
      pen.globalAlpha = Math.abs(v) / most;
      pen.fillStyle = v > 0 ? more : less;
      pen.fillRect(left + i % width * unit, top + Math.floor(i / width) * unit, unit, unit);
    }
  }
}

/** The layers that have weights or look at windows, each with the functions after it: what is shown of them is what those give. Not the last, the answer. */
function groups() {
  const found = [];
  for (const layer of layers)
    if (/^(Dense|Conv|ConvTranspose|MaxPool|AvgPool|GlobalAvgPool|Upsample|Residual)$/.test(layer.kind)) found.push([layer]);
    else found.at(-1)?.push(layer);
  return found.slice(0, -1);
}

const bars = Array.from({ length: Math.min(classes.length, mostBars) }, () => {
  const [name, bar, share] = [make("span", { className: "name" }), make("i"), make("span", { className: "share" })];
  const row = make("li", {}, name, make("span", { className: "bar" }, bar), share);
  $("bars").append(row);
  return { row, name, bar, share };
});
$("bars").style.setProperty("--names", `${Math.min(9, Math.max(1, ...classes.map(name => name.length * 0.62)))}rem`);

const maps = groups().map(group => {
  const layer = group[0], canvas = make("canvas", { role: "img", ariaLabel: `Outputs of ${layer.kind}` });
  const names = group.map(l => l.kind).filter(kind => kinds[kind] !== same).join(" + ");
  $("layers").append(make("figure", {}, make("figcaption", { textContent: `${names} · ${layer.output.join(" × ")}` }), canvas));
  return { canvas, layer, isAfter: group.at(-1) };
});
$("hidden").hidden = maps.length === 0;

const shown = examples.map(({ label, pixels }) => {
  const canvas = make("canvas"), button = make("button", { type: "button", ariaLabel: `Example: ${label}`, title: label }, canvas);
  const example = { pixels: bytes(pixels), button };
  paint(canvas, example.pixels);
  button.onclick = () => showExample(example);
  $("given").append(button);
  return example;
});
$("examples").hidden = shown.length === 0;

paper.onpointerdown = event => {
  if (event.button !== 0 || state.pointer !== null) return;
  state.pointer = event.pointerId;
  paper.setPointerCapture(event.pointerId);
  $("pen").hidden = true;
  begin(...place(event));
};
paper.onpointermove = event => {
  if (event.pointerId !== state.pointer) return;
  const moves = event.getCoalescedEvents?.() ?? [];
  for (const move of moves.length ? moves : [event]) lineTo(...place(move));
};
paper.onpointerup = paper.onpointercancel = event => {
  if (event.pointerId !== state.pointer) return;
  state.pointer = null;
  say();
};
paper.onkeydown = event => {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
  if (event.key === "Delete" || event.key === "Backspace") clear();
  else if (event.key === " ") {
    state.isDown = !state.isDown;
    if (state.isDown) begin(...state.at);
    else say();
  } else if (dx || dy) {
    const to = [state.at[0] + dx * keyStep, state.at[1] + dy * keyStep].map(v => clamp(v, 0, 1));
    if (state.isDown) lineTo(...to);
    else state.at = to;
  } else return;
  event.preventDefault();
  Object.assign($("pen"), { hidden: false, className: state.isDown ? "down" : "" });
  Object.assign($("pen").style, { left: `${100 * state.at[0]}%`, top: `${100 * state.at[1]}%` });
};
paper.onblur = () => { $("pen").hidden = true; state.isDown = false; };
$("clear").onclick = clear;
$("tools").onsubmit = event => event.preventDefault();
matchMedia("(prefers-color-scheme: dark)").onchange = refresh;

$("about").textContent = about;
answered();
