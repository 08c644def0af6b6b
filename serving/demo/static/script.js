// The page of the demo: what is drawn, uploaded, dropped, pasted or picked is sent, and the answer shown.

import { asPng, copy, picture, sentAsItIs } from "./pictures.js";

const PEN = 22;
const STEP = 11; // One press of an arrow key.
const MARGIN = 2; // Pixels left free around a drawing, as in the data.
const ASK_AFTER = 120; // Milliseconds without a stroke.
const LOOK_AGAIN = 3000;
const NOTHING = "–";

const $ = (id) => document.getElementById(id);
const board = $("board").getContext("2d", { willReadFrequently: true });
const pen = { x: 154, y: 154, down: false };
let source = null; // The picture that is asked about; null while drawing.
let largest = Infinity; // Bytes of a file.
let size = null; // Pixels of a side of a drawing that is sent; null where the model takes none.
let waiting = 0;
let asked = 0;
let away = false; // The model server, or the demo.

function clear() {
  source = null;
  pen.down = false;
  clearTimeout(waiting);
  board.fillStyle = "#000";
  board.fillRect(0, 0, board.canvas.width, board.canvas.height);
  $("invert").checked = false;
  $("invert").disabled = true;
  forget();
}

/** Takes the old answer away; one that is on its way will not be shown. */
function forget(message = "") {
  asked += 1;
  $("error").textContent = message;
  $("label").textContent = message ? "No answer." : `${size ? "Draw, upload" : "Upload"}${$("pictures").children.length ? " or pick" : ""} an image.`;
  $("bars").replaceChildren();
  for (const id of ["answered", "latency", "sent", "request"]) $(id).textContent = NOTHING;
  $("seen").hidden = true;
  $("seen").removeAttribute("src");
  $("unseen").hidden = false;
  $("copy").disabled = true;
}

function line(x, y) {
  if (!size) return;
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

function penPlace(event) {
  const box = board.canvas.getBoundingClientRect();
  const scale = board.canvas.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

/** The part of the board that is drawn on; null when it is empty. */
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

/** The drawing cut out, centred and made small; null when there is none. */
function drawing() {
  const part = size ? drawn() : null;
  if (!part) return null;
  const small = document.createElement("canvas").getContext("2d");
  [small.canvas.width, small.canvas.height] = [size, size];
  small.fillStyle = "#000";
  small.fillRect(0, 0, size, size);
  small.imageSmoothingQuality = "high";
  const scale = (size - 2 * MARGIN) / Math.max(part.width, part.height);
  const [width, height] = [part.width * scale, part.height * scale];
  const at = [(size - width) / 2, (size - height) / 2];
  small.drawImage(board.canvas, part.left, part.top, part.width, part.height, ...at, width, height);
  return { canvas: small.canvas, called: "the drawing", invert: "no" };
}

async function ask() {
  const shown = source ?? drawing();
  if (!shown) return;
  const number = ++asked;
  const body = shown.body ?? (await asPng(shown.canvas));
  const about = new URLSearchParams({ version: $("version").value, invert: shown.invert, called: shown.called });
  if (shown.name) about.set("name", shown.name);
  try {
    const answer = await call(`api/predict?${about}`, { method: "POST", body });
    if (number === asked) show(answer, shown);
  } catch (error) {
    if (number !== asked) return;
    if (error.refused && source) clear();
    forget(error.message);
  }
}

async function call(path, options) {
  const response = await fetch(path, options).catch(() => {
    throw new Error("The demo has ended; start it again with `make demo`.");
  });
  const answer = await response.json();
  // What is wrong with the picture, rather than with a server.
  if (!response.ok) throw Object.assign(new Error(answer.error), { refused: response.status < 500 });
  return answer;
}

function show(answer, shown) {
  $("error").textContent = "";
  $("label").textContent = `${answer.label}, score ${answer.score.toFixed(3)}`;
  $("answered").textContent = `version ${answer.version}`;
  $("latency").textContent = `${answer.milliseconds} ms`;
  $("sent").textContent = answer.note;
  $("request").textContent = answer.curl;
  $("copy").disabled = false;
  $("seen").src = answer.seen;
  $("seen").alt = `${shown.called}, as the model sees it`;
  $("seen").hidden = false;
  $("unseen").hidden = true;
  if (shown === source) {
    shown.invert = answer.inverted ? "yes" : "no";
    $("invert").checked = answer.inverted;
    $("invert").disabled = false;
    place(shown);
  }
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

/** Puts a picture on the board; where the browser cannot read it, as the model sees it. */
async function place(shown) {
  shown.image ??= await picture(shown.body);
  if (!shown.image) await $("seen").decode().catch(() => {});
  if (shown === source && !$("seen").hidden) put(shown.image ?? $("seen"));
}

/** Puts a picture on the board in its own shape, on black as the model sees it. */
function put(image) {
  const room = board.canvas.width;
  const scale = room / Math.max(image.width, image.height);
  const [width, height] = [Math.max(image.width * scale, 1), Math.max(image.height * scale, 1)];
  const at = [(room - width) / 2, (room - height) / 2];
  board.fillStyle = "#fff";
  board.fillRect(...at, width, height); // Under what is transparent.
  board.imageSmoothingEnabled = scale < 1; // One can see the pixels of a small one.
  board.imageSmoothingQuality = "high";
  board.drawImage(image, ...at, width, height);
}

/** Asks about a file; `name` is that of one on the visitor's disk, so that a command can read it. */
async function look(file, called, name = "") {
  clear();
  if (file.size > largest) {
    forget(`${called} is larger than ${largest >> 20} MiB; scale it down.`);
    return;
  }
  const number = asked;
  // What the demo's server reads it checks first: a small file can be too large for a browser.
  const image = (await sentAsItIs(file)) ? null : await picture(file);
  const body = image ? await asPng(image) : file;
  if (number !== asked) return;
  source = { body, image, called, name: image ? "" : name, invert: "" };
  await ask();
}

/** Asks about what was dropped or pasted: of several files the first, of a folder none. */
async function lookAtFirst(data, how) {
  const entries = Array.from(data.items, (item) => item.webkitGetAsEntry?.());
  const folder = entries.find((entry) => entry?.isDirectory);
  const files = Array.from(data.files);
  clear();
  if (folder) forget(`${folder.name} is a folder; choose a picture in it.`);
  else if (!files.length) forget(`What was ${how} is no picture file.`);
  // What is pasted often comes from a page or a screen, and has a name that no file has.
  else if (how === "pasted") await look(files[0], "the pasted picture");
  else await look(files[0], files[0].name, files[0].name);
  if (files.length > 1 && source) $("error").textContent = `Of ${files.length} files only ${files[0].name} is shown.`;
}

async function refresh() {
  const model = await call("api/model");
  $("model").textContent = model.model;
  document.title = `${model.model}: model demo`;
  $("backend").textContent = `model server: ${model.backend}`;
  largest = model.largest;
  size = model.drawing;
  const known = Array.from($("version").options, (option) => Number(option.value));
  if (String(known) !== String(model.versions)) {
    const chosen = Number($("version").value);
    const latest = !known.length || chosen === known[0];
    $("version").replaceChildren(...model.versions.map((number) => new Option(number, number)));
    if (!latest && model.versions.includes(chosen)) $("version").value = chosen;
    else if (known.length) ask();
  }
  if (away) {
    away = false;
    forget();
    ask();
  }
  return model;
}

async function keepLooking() {
  try {
    await refresh();
  } catch (error) {
    away = true;
    forget(error.message);
  }
  setTimeout(keepLooking, LOOK_AGAIN);
}

async function start() {
  clear();
  setTimeout(keepLooking, LOOK_AGAIN);
  const model = await refresh();
  $("pick").hidden = !model.pictures.length;
  $("pictures").replaceChildren(
    ...model.pictures.map((name) => {
      const button = document.createElement("button");
      const image = document.createElement("img");
      image.src = `pictures/${name}`;
      image.alt = name.replace(/^\d+-/, "").replace(/\.png$/, "").replaceAll("-", " ");
      button.type = "button";
      button.append(image);
      button.addEventListener("click", async () => {
        clear();
        const number = asked;
        const file = await fetch(image.src).then((found) => found.blob(), () => null);
        if (number !== asked) return;
        if (file) await look(file, image.alt);
        else forget("The demo has ended; start it again with `make demo`.");
      });
      return button;
    }),
  );
  forget();
}

$("board").addEventListener("pointerdown", (event) => {
  $("board").setPointerCapture(event.pointerId);
  if (source) clear();
  [pen.x, pen.y] = penPlace(event);
  line(pen.x, pen.y);
});
$("board").addEventListener("pointermove", (event) => {
  if (event.buttons) line(...penPlace(event));
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
$("invert").addEventListener("change", () => {
  if (source) source.invert = $("invert").checked ? "yes" : "no";
  ask();
});
$("version").addEventListener("change", ask);
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  if (file) await look(file, file.name, file.name);
  $("file").value = "";
});
// Everywhere, for a browser leaves the page to show what misses the board.
addEventListener("dragover", (event) => {
  event.preventDefault();
  $("board").classList.add("over");
});
addEventListener("dragleave", () => $("board").classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  $("board").classList.remove("over");
  lookAtFirst(event.dataTransfer, "dropped");
});
addEventListener("paste", (event) => lookAtFirst(event.clipboardData, "pasted"));
$("copy").addEventListener("click", async () => {
  $("copy").textContent = await copy($("request"));
  setTimeout(() => { $("copy").textContent = "Copy"; }, 2500);
});
start().catch((error) => {
  away = true;
  forget(error.message);
});
