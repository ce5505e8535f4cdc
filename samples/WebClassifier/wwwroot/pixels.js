// From a canvas to the bytes that the model takes: planar [channel][row][column], 0..pixelMaximum.

/**
 * @typedef {{channels: number, height: number, width: number, pixelMaximum: number}} Input what the model takes
 * @typedef {{width: number, height: number, values: Float32Array}} Plane values 0..1, row by row; ink is a plane
 */

const photoSize = 1024, drawingSize = 256; // of the longer side; larger pictures are read smaller

/**
 * A photograph: the largest centered part with the model's proportions, averaged over each pixel of its input.
 * @param {ImageBitmap} image
 * @param {Input} input
 */
export function pixelsOfPhoto(image, input) {
  const planes = planesOf(image, photoSize);
  const step = Math.min(planes[0].width / input.width, planes[0].height / input.height);
  const left = (planes[0].width - step * input.width) / 2, top = (planes[0].height - step * input.height) / 2;
  return Uint8Array.from(planes.flatMap(plane => [...averages(plane, left, top, step, input)]));
}

/**
 * A drawing: its ink, cut out, fitted into the input and averaged over each pixel, as the training digits were made.
 * @param {Plane} ink
 * @param {Input} input
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
 * @param {HTMLCanvasElement} drawing
 * @returns {Plane}
 */
export function inkOfDrawing(drawing) {
  const { width, height } = drawing;
  const rgba = drawing.getContext("2d").getImageData(0, 0, width, height).data;
  return { width, height, values: Float32Array.from({ length: width * height }, (_, i) => rgba[i * 4 + 3] / 255) };
}

/**
 * Ink of a picture: how far each pixel is from the background, which is the median of the border. Dark on light and light on dark are alike.
 * @param {ImageBitmap} image
 * @returns {Plane}
 */
export function inkOfPicture(image) {
  const [red, green, blue] = planesOf(image, drawingSize), { width, height } = red;
  const shades = red.values.map((value, i) => 0.299 * value + 0.587 * green.values[i] + 0.114 * blue.values[i]);
  const border = shades.filter((_, i) => i < width || i >= shades.length - width || i % width === 0 || i % width === width - 1).sort();
  const background = border[border.length >> 1];
  const contrast = shades.reduce((most, shade) => Math.max(most, Math.abs(shade - background)), 0);
  // Less than a tenth of the range is paper; shades below a third of the strongest one are its shadows.
  const limit = Math.max(contrast, 0.1) / 3;
  return { width, height, values: shades.map(shade => Math.min(1, Math.max(0, (Math.abs(shade - background) - limit) / limit))) };
}

/** Shows pixels on a canvas of the model's size: one channel as black ink, three as colors. */
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

// Red, green and blue of a picture on white paper.
function planesOf(image, longest) {
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale)), height = Math.max(1, Math.round(image.height * scale));
  const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, width, height);
  const rgba = context.getImageData(0, 0, width, height).data;
  return [0, 1, 2].map(c => ({ width, height, values: Float32Array.from({ length: width * height }, (_, i) => rgba[i * 4 + c] / 255) }));
}

// The box of the ink, its longer side as long as the input's, in the middle.
function fit(ink, input) {
  const box = boundsOf(ink);
  if (box === null)
    return null;
  const step = Math.max(box.width / input.width, box.height / input.height);
  return averages(ink, box.left - (input.width * step - box.width) / 2, box.top - (input.height * step - box.height) / 2, step, input);
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

// Every pixel takes the most ink of itself and its four neighbors.
function grown({ width, height, values }) {
  return {
    width, height, values: values.map((value, i) => Math.max(value,
      i % width > 0 ? values[i - 1] : 0, i % width < width - 1 ? values[i + 1] : 0, values[i - width] ?? 0, values[i + width] ?? 0)),
  };
}

// One pixel of the input is the mean over `step` x `step` pixels of the plane.
function averages(plane, left, top, step, input) {
  return Uint8Array.from({ length: input.height * input.width }, (_, i) =>
    Math.round(input.pixelMaximum * averageOf(plane, left + i % input.width * step, top + Math.floor(i / input.width) * step, step)));
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
