// The page of the demo: whatever the image comes from, 28×28 grey pixels of it are sent.

const SIZE = 28;
const PEN = 22;
const STEP = 11; // One press of an arrow key.
const MARGIN = 2; // Pixels left free around a drawing, as in the data.
const ASK_AFTER = 120; // Milliseconds without a stroke.
const LOOK_AGAIN = 3000;

const $ = (id) => document.getElementById(id);
const board = $("board").getContext("2d", { willReadFrequently: true });
const seen = $("seen").getContext("2d", { willReadFrequently: true });
const pen = { x: 154, y: 154, down: false };
let source = null; // An uploaded or picked image; null while drawing.
let waiting = 0;
let asked = 0;

function clear() {
  source = null;
  pen.down = false;
  board.fillStyle = "#000";
  board.fillRect(0, 0, board.canvas.width, board.canvas.height);
  $("error").textContent = "";
}

function line(x, y) {
  if (source) clear();
  board.strokeStyle = "#fff";
  board.lineWidth = PEN;
  board.lineCap = "round";
  board.beginPath();
  board.moveTo(pen.x, pen.y);
  board.lineTo(x, y);
  board.stroke();
  [pen.x, pen.y] = [x, y];
  clearTimeout(waiting);
  waiting = setTimeout(ask, ASK_AFTER);
}

function place(event) {
  const box = board.canvas.getBoundingClientRect();
  const scale = board.canvas.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

/** The part of the board that is drawn on: x, y, size of a square; null when it is empty. */
function drawn() {
  const { width, height } = board.canvas;
  const pixels = board.getImageData(0, 0, width, height).data;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (pixels[4 * (y * width + x)] > 32) {
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      }
    }
  }
  if (right < 0) return null;
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Puts what the model shall see into the small canvas; false when there is nothing. */
function shrink() {
  seen.filter = "none";
  seen.fillStyle = "#000";
  seen.fillRect(0, 0, SIZE, SIZE);
  seen.imageSmoothingQuality = "high";
  if (source) {
    seen.drawImage(source, 0, 0, SIZE, SIZE);
  } else {
    const part = drawn();
    if (!part) return false;
    const scale = (SIZE - 2 * MARGIN) / Math.max(part.width, part.height);
    const [width, height] = [part.width * scale, part.height * scale];
    const at = [(SIZE - width) / 2, (SIZE - height) / 2];
    seen.drawImage(board.canvas, part.left, part.top, part.width, part.height, ...at, width, height);
  }
  if (source && $("invert").checked) {
    seen.globalCompositeOperation = "difference";
    seen.fillStyle = "#fff";
    seen.fillRect(0, 0, SIZE, SIZE);
    seen.globalCompositeOperation = "source-over";
  }
  return true;
}

/** Whether the corners of the small canvas are light, as in photos of things on white. */
function isLight() {
  const last = SIZE - 1;
  const corners = [[0, 0], [last, 0], [0, last], [last, last]];
  const light = corners.filter(([x, y]) => seen.getImageData(x, y, 1, 1).data[1] > 128);
  return light.length > 2;
}

async function ask() {
  if (!shrink()) return;
  const number = ++asked;
  const image = await new Promise((done) => seen.canvas.toBlob(done, "image/png"));
  try {
    const answer = await call(`api/predict?version=${$("version").value}`, { method: "POST", body: image });
    if (number === asked) show(answer);
  } catch (error) {
    if (number === asked) $("error").textContent = error.message;
  }
}

async function call(path, options) {
  const response = await fetch(path, options).catch(() => {
    throw new Error("The demo has ended; start it again with `make demo`.");
  });
  const document = await response.json();
  if (!response.ok) throw new Error(document.error);
  return document;
}

function show(answer) {
  $("error").textContent = "";
  $("label").textContent = `${answer.label}, score ${answer.score.toFixed(3)}`;
  $("answered").textContent = `version ${answer.version}`;
  $("latency").textContent = `${answer.milliseconds} ms`;
  $("request").textContent = answer.curl;
  $("copy").disabled = false;
  const best = Math.max(...answer.scores.map((item) => item.score));
  const bars = $("bars");
  if (bars.children.length !== answer.scores.length) bars.replaceChildren(...answer.scores.map(bar));
  answer.scores.forEach(({ label, score }, index) => {
    const [name, value, number] = bars.children[index].children;
    bars.children[index].classList.toggle("best", score === best);
    name.textContent = label;
    value.value = score;
    value.setAttribute("aria-label", label);
    number.textContent = score.toFixed(3);
  });
}

function bar() {
  const item = document.createElement("li");
  const parts = ["span", "progress", "span"].map((name) => document.createElement(name));
  parts[1].max = 1;
  item.append(...parts);
  return item;
}

async function look(file, name) {
  let image;
  try {
    image = await createImageBitmap(file);
  } catch {
    $("error").textContent = `${name} is no image that this browser can read; take a PNG or JPEG file.`;
    return;
  }
  clear();
  source = image;
  board.drawImage(image, 0, 0, board.canvas.width, board.canvas.height);
  $("invert").checked = false;
  shrink();
  $("invert").checked = isLight();
  await ask();
}

async function refresh() {
  const model = await call("api/model");
  $("model").textContent = model.model;
  document.title = `${model.model}: model demo`;
  $("backend").textContent = `model server: ${model.backend}`;
  const known = Array.from($("version").options, (option) => Number(option.value));
  if (String(known) !== String(model.versions)) {
    const chosen = Number($("version").value);
    const latest = !known.length || chosen === known[0];
    $("version").replaceChildren(...model.versions.map((number) => new Option(number, number)));
    if (!latest && model.versions.includes(chosen)) $("version").value = chosen;
    else if (known.length) ask();
  }
  return model;
}

async function start() {
  clear();
  const model = await refresh();
  $("pictures").replaceChildren(
    ...model.pictures.map((name) => {
      const button = document.createElement("button");
      const image = document.createElement("img");
      image.src = `pictures/${name}`;
      image.alt = name.replace(/^\d+-/, "").replace(/\.png$/, "").replaceAll("-", " ");
      button.type = "button";
      button.append(image);
      button.addEventListener("click", async () => look(await (await fetch(image.src)).blob(), name));
      return button;
    }),
  );
  setInterval(() => refresh().catch((error) => { $("error").textContent = error.message; }), LOOK_AGAIN);
}

$("board").addEventListener("pointerdown", (event) => {
  $("board").setPointerCapture(event.pointerId);
  if (source) clear();
  [pen.x, pen.y] = place(event);
  line(pen.x, pen.y);
});
$("board").addEventListener("pointermove", (event) => {
  if (event.buttons) line(...place(event));
});
$("board").addEventListener("keydown", (event) => {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
  if (!dx && !dy && event.key !== " ") return;
  event.preventDefault();
  if (event.key === " ") pen.down = !pen.down;
  const keep = (value) => Math.min(Math.max(value, PEN), board.canvas.width - PEN);
  const to = [keep(pen.x + dx * STEP), keep(pen.y + dy * STEP)];
  if (pen.down) line(...to);
  else [pen.x, pen.y] = to;
});
$("clear").addEventListener("click", clear);
$("invert").addEventListener("change", ask);
$("version").addEventListener("change", ask);
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  if (file) await look(file, file.name);
  $("file").value = "";
});
$("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText($("request").textContent);
  $("copy").textContent = "Copied";
  setTimeout(() => { $("copy").textContent = "Copy"; }, 1500);
});
start().catch((error) => { $("error").textContent = error.message; });
