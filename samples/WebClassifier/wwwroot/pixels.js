// From a canvas to the bytes that the model takes: planar [channel][row][column], 0..pixelMaximum.

/**
 * A photograph: the largest centred part with the model's proportions, scaled to its input.
 * @param {CanvasImageSource & {width: number, height: number}} image
 * @param {{channels: number, height: number, width: number, pixelMaximum: number}} input
 */
export function pixelsOfPhoto(image, input) {
  const scale = Math.max(input.width / image.width, input.height / image.height);
  const [width, height] = [input.width / scale, input.height / scale];
  const context = canvas(input.width, input.height).getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(image, (image.width - width) / 2, (image.height - height) / 2, width, height, 0, 0, input.width, input.height);
  const rgba = context.getImageData(0, 0, input.width, input.height).data;
  const plane = input.width * input.height;
  return Uint8Array.from({ length: input.channels * plane }, (_, i) =>
    Math.round(rgba[i % plane * 4 + Math.floor(i / plane)] * input.pixelMaximum / 255));
}

/**
 * A drawing: its ink, cut out, fitted into the square input and averaged over each pixel, as the training digits were made.
 * @param {Ink} ink
 * @param {{height: number, width: number, pixelMaximum: number}} input
 * @returns {Uint8Array | null} null if there is no ink.
 */
export function pixelsOfInk(ink, input) {
  // In training three tenths of an image are ink: thinner strokes grow.
  for (let round = 0; ; round++) {
    const pixels = fit(ink, input);
    if (pixels === null || round === 10 || pixels.reduce((sum, pixel) => sum + pixel, 0) > 0.25 * input.pixelMaximum * pixels.length)
      return pixels;
    ink = grown(ink);
  }
}

/**
 * Ink of a drawing on a transparent canvas.
 * @typedef {{width: number, height: number, values: Float32Array}} Ink values 0..1, row by row
 * @returns {Ink}
 */
export function inkOfDrawing(source) {
  const { width, height } = source;
  const rgba = source.getContext("2d").getImageData(0, 0, width, height).data;
  return { width, height, values: Float32Array.from({ length: width * height }, (_, i) => rgba[i * 4 + 3] / 255) };
}

/**
 * Ink of a picture: how far each pixel is from the background, which is the median of the border. Dark on light and light on dark are alike.
 * @returns {Ink}
 */
export function inkOfPicture(image) {
  const size = 256, scale = Math.min(1, size / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale)), height = Math.max(1, Math.round(image.height * scale));
  const context = canvas(width, height).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white"; // beneath transparent pixels
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, width, height);
  const rgba = context.getImageData(0, 0, width, height).data;
  const values = Float32Array.from({ length: width * height }, (_, i) => 0.299 * rgba[i * 4] + 0.587 * rgba[i * 4 + 1] + 0.114 * rgba[i * 4 + 2]);
  const border = values.filter((_, i) => i < width || i >= values.length - width || i % width === 0 || i % width === width - 1).sort();
  const background = border[border.length >> 1];
  const contrast = values.reduce((most, value) => Math.max(most, Math.abs(value - background)), 0);
  // Less than a tenth of the range is paper; shades below a third of the strongest one are its shadows.
  const limit = Math.max(contrast, 25) / 3;
  return { width, height, values: values.map(value => Math.min(1, Math.max(0, (Math.abs(value - background) - limit) / limit))) };
}

/** Shows pixels on a canvas of the model's size: one channel as black ink, three as colours. */
export function show(target, pixels, input) {
  target.width = input.width;
  target.height = input.height;
  const context = target.getContext("2d"), image = context.createImageData(input.width, input.height), plane = input.width * input.height;
  for (let i = 0; i < plane; i++) {
    if (input.channels === 1)
      image.data[i * 4 + 3] = pixels[i] * 255 / input.pixelMaximum;
    else
      image.data.set([...[0, 1, 2].map(c => pixels[c * plane + i] * 255 / input.pixelMaximum), 255], i * 4);
  }
  context.putImageData(image, 0, 0);
}

function canvas(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

function fit(ink, input) {
  const box = boundsOf(ink);
  if (box === null)
    return null;
  // One pixel of the input covers `step` x `step` pixels of ink; the longer side of the box fills the input.
  const step = Math.max(box.width / input.width, box.height / input.height);
  const left = box.left - (input.width * step - box.width) / 2;
  const top = box.top - (input.height * step - box.height) / 2;
  return Uint8Array.from({ length: input.height * input.width }, (_, i) => {
    const [row, column] = [Math.floor(i / input.width), i % input.width];
    return Math.round(input.pixelMaximum * averageOf(ink, left + column * step, top + row * step, step));
  });
}

// Every pixel takes the most ink of itself and its four neighbours.
function grown({ width, height, values }) {
  return {
    width, height, values: values.map((value, i) => Math.max(value,
      i % width > 0 ? values[i - 1] : 0, i % width < width - 1 ? values[i + 1] : 0, values[i - width] ?? 0, values[i + width] ?? 0)),
  };
}

function boundsOf({ width, height, values }) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (values[y * width + x] < 0.5)
        continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

// The mean over a square whose sides may cut pixels; nothing lies outside.
function averageOf({ width, height, values }, left, top, size) {
  let sum = 0;
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, top + size); y++) {
    const rows = Math.min(y + 1, top + size) - Math.max(y, top);
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, left + size); x++)
      sum += values[y * width + x] * rows * (Math.min(x + 1, left + size) - Math.max(x, left));
  }
  return sum / (size * size);
}
