// Drawing by pointer and by keys; the canvas is transparent, its ink is the alpha channel.

const pen = 24, stride = 14;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(() => void) | null} drawn called after each stroke; null for a pad that shows pictures alone
 */
export function makePad(canvas, drawn) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let at = null; // where the pointer's stroke is
  let keys = { x: canvas.width / 2, y: canvas.height / 4 }; // where the keyboard's pen is
  let picture = false; // whether the pad shows a picture: the next stroke replaces it

  function line(from, to) {
    if (picture)
      clear();
    Object.assign(context, { lineWidth: pen, lineCap: "round", strokeStyle: "black" });
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) * canvas.width / box.width, y: (event.clientY - box.top) * canvas.height / box.height };
  }

  if (drawn !== null)
    listen();
  return { clear, put };

  function listen() {
    canvas.addEventListener("pointerdown", event => {
      if (event.button !== 0)
        return;
      canvas.setPointerCapture(event.pointerId);
      at = place(event);
      line(at, { x: at.x + 0.1, y: at.y }); // a dot; a line without length draws nothing
    });
    canvas.addEventListener("pointermove", event => {
      if (at === null)
        return;
      // A fast pointer moves several times between two events.
      for (const part of [...event.getCoalescedEvents?.() ?? [], event]) {
        const next = place(part);
        line(at, next);
        at = next;
      }
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        if (at !== null)
          drawn();
        at = null;
      });
    }

    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    canvas.addEventListener("keydown", event => {
      if (event.key === "Delete" || event.key === "Backspace") {
        clear();
        drawn();
      } else if (event.key in moves) {
        const [x, y] = moves[event.key];
        const next = {
          x: Math.min(canvas.width - pen, Math.max(pen, keys.x + x * stride)),
          y: Math.min(canvas.height - pen, Math.max(pen, keys.y + y * stride)),
        };
        if (event.shiftKey) {
          line(keys, next);
          drawn();
        }
        keys = next;
        canvas.parentElement.style.setProperty("--x", `${100 * keys.x / canvas.width}%`);
        canvas.parentElement.style.setProperty("--y", `${100 * keys.y / canvas.height}%`);
      } else {
        return;
      }
      event.preventDefault();
    });
  }

  function clear() {
    picture = false;
    context.clearRect(0, 0, canvas.width, canvas.height);
  }

  // The whole picture, as it is.
  function put(image) {
    clear();
    picture = true;
    const scale = Math.min(canvas.width / image.width, canvas.height / image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    context.save();
    context.imageSmoothingEnabled = scale < 1;
    context.drawImage(image, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    context.restore();
  }
}
