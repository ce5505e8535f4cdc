import { makePad } from "./pad.js";
import { inkOfDrawing, inkOfPicture, pixelsOfInk, pixelsOfPhoto, show } from "./pixels.js";

const $ = id => document.getElementById(id);
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const percent = share => `${(100 * share).toFixed(1)} %`;

let model, pad, size, drawing;
let call = null; // the request under way; a newer picture cancels it

async function start() {
  model = await (await fetch("model")).json();
  const { channels, height, width } = model.input;
  size = channels * height * width;
  drawing = channels === 1; // a model of colors takes pictures alone
  $("machine").textContent = `${model.machine} processing elements, each a leading-one detector, a table and a shifter, emulated in C#.`;
  $("shape").textContent = `${height} × ${width} pixels${drawing ? "" : ", R G B"}`;
  if (!drawing)
    $("hint").textContent = "Drop or paste a picture.";
  $("keys").hidden = !drawing;
  pad = makePad($("pad"), drawing ? classifyDrawing : null);
  listen();
  forget();
  if (drawing)
    await showExamples();
}

function classifyDrawing() {
  const pixels = pixelsOfInk(inkOfDrawing($("pad")), model.input);
  if (pixels === null)
    forget();
  else
    classify(pixels);
}

async function classifyFile(file) {
  try {
    const image = await createImageBitmap(file);
    pad.put(image);
    const pixels = drawing ? pixelsOfInk(inkOfPicture(image), model.input) : pixelsOfPhoto(image, model.input);
    if (pixels === null)
      fail("The picture is of one shade: there is nothing to classify.");
    else
      await classify(pixels);
  } catch {
    fail("The file is no picture that this browser reads.");
  }
}

async function classify(pixels) {
  call?.abort();
  const own = call = new AbortController();
  show($("seen"), pixels, model.input);
  try {
    const response = await fetch("classify", {
      method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: pixels, signal: own.signal,
    });
    const body = await response.json();
    if (response.ok)
      showAnswer(body);
    else
      fail(body.detail ?? body.title);
  } catch (error) {
    if (error.name !== "AbortError")
      fail("The server does not answer.");
  }
}

function showAnswer({ best, classes, time }) {
  $("failure").hidden = true;
  const shares = sharesOf(classes.map(entry => entry.score));
  $("answer").classList.toggle("long", classes[best].label.length > 3);
  $("answer").replaceChildren(element("strong", classes[best].label), " ", element("span", percent(shares[best]), "quiet"));
  showClasses(classes, shares, best);
  showTime(time);
}

// Ten classes stay in their order; of a thousand the ten best come first.
function showClasses(classes, shares, best) {
  const order = [...classes.keys()];
  if (order.length > 10)
    order.sort((a, b) => shares[b] - shares[a] || a - b).splice(10);
  $("classes").replaceChildren(...order.map(i => {
    const item = element("li", "", i === best ? "best" : "");
    item.append(element("span", classes[i].label), bar(shares[i]), element("span", percent(shares[i])));
    return item;
  }));
}

function showTime({ cycles, microseconds, clockMHz, utilization, layers }) {
  const facts = [
    ["Cycles", number.format(cycles)],
    [`At ${number.format(clockMHz)} MHz`, `${number.format(microseconds)} µs`],
    ["PEs in use", percent(utilization)],
  ];
  $("facts").replaceChildren(...facts.map(([name, value]) => {
    const pair = element("div");
    pair.append(element("dt", name), element("dd", value));
    return pair;
  }));
  $("layers").replaceChildren(...layers.map(layer => {
    const row = element("tr"), name = element("th", layer.name), share = element("td");
    name.scope = "row";
    share.append(bar(layer.share), element("span", percent(layer.share)));
    row.append(name, element("td", number.format(layer.cycles)), share, element("td", percent(layer.utilization)));
    return row;
  }));
  $("time").hidden = false;
}

// Softmax, unless the network ends in one.
function sharesOf(scores) {
  if (model.probabilities)
    return scores;
  const most = Math.max(...scores), powers = scores.map(score => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(power => power / sum);
}

function forget() {
  call?.abort();
  $("failure").hidden = true;
  $("answer").classList.remove("long");
  $("answer").replaceChildren(element("strong", "?"), " ", element("span", "no picture yet", "quiet"));
  $("classes").replaceChildren();
  show($("seen"), new Uint8Array(size), model.input);
}

function fail(text) {
  $("failure").textContent = text;
  $("failure").hidden = false;
}

function element(name, text = "", style = "") {
  return Object.assign(document.createElement(name), { textContent: text, className: style });
}

// Says what the number beside it says, to the eye alone.
function bar(share) {
  const outer = element("span", "", "bar"), inner = element("span");
  outer.ariaHidden = "true";
  inner.style.width = `${100 * Math.min(1, share)}%`;
  outer.append(inner);
  return outer;
}

// Stored digits: one button each. The address /#3 shows the example of the digit 3.
async function showExamples() {
  const examples = await (await fetch("examples.json")).json();
  for (const [digit, text] of Object.entries(examples)) {
    const pixels = Uint8Array.from(text.split(" ")), button = element("button"), picture = document.createElement("canvas");
    button.type = "button";
    button.ariaLabel = `Example of the digit ${digit}`;
    button.append(picture);
    $("examples").append(button);
    show(picture, pixels, model.input);
    const take = () => {
      pad.put(picture);
      classify(pixels);
    };
    button.addEventListener("click", take);
    if (location.hash === `#${digit}`)
      take();
  }
  $("examples").hidden = false;
}

function listen() {
  $("clear").addEventListener("click", () => {
    pad.clear();
    forget();
  });
  $("choose").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => {
    if ($("file").files.length > 0)
      classifyFile($("file").files[0]);
    $("file").value = ""; // the same file may be chosen again
  });
  const files = data => [...data.files].filter(file => file.type.startsWith("image/"));
  document.addEventListener("paste", event => files(event.clipboardData).slice(0, 1).forEach(classifyFile));
  document.addEventListener("dragover", event => {
    event.preventDefault();
    document.body.classList.add("drop");
  });
  document.addEventListener("dragleave", event => document.body.classList.toggle("drop", event.relatedTarget !== null));
  document.addEventListener("drop", event => {
    event.preventDefault();
    document.body.classList.remove("drop");
    if (event.dataTransfer.files.length > 0)
      classifyFile(event.dataTransfer.files[0]);
  });
}

start().catch(() => fail("The server does not answer."));
