// Models of one image: what is drawn, uploaded, dropped, pasted or picked is sent.

import { asPng, picture, sentAsItIs } from "./pictures.js";

const PEN = 22;
const STEP = 11; // One press of an arrow key.
const MARGIN = 2; // Pixels left free around a drawing, as in the data.
const ASK_AFTER = 120; // Milliseconds without a stroke.

const $ = (id) => document.getElementById(id);

export class Board {
  #page;
  #board = $("board").getContext("2d", { willReadFrequently: true });
  #pen = { x: 154, y: 154, down: false };
  #source = null; // The picture that is asked about; null while drawing.
  #size = null; // Pixels of a side of a drawing that is sent; null where the model takes none.
  #waiting = 0;
  #turn = 0; // Of what is chosen: what was still being read when something else came is not shown.

  constructor(page) {
    this.#page = page;
    this.#wipe();
    $("board").addEventListener("pointerdown", (event) => {
      $("board").setPointerCapture(event.pointerId);
      if (this.#source) this.clear();
      $("pen").hidden = true;
      [this.#pen.x, this.#pen.y] = this.#penPlace(event);
      this.#line(this.#pen.x, this.#pen.y);
    });
    $("board").addEventListener("pointermove", (event) => {
      if (event.buttons) this.#line(...this.#penPlace(event));
    });
    $("board").addEventListener("keydown", (event) => this.#press(event));
    $("board").addEventListener("blur", () => { $("pen").hidden = true; });
    $("clear").addEventListener("click", () => this.clear());
    $("invert").addEventListener("change", () => {
      if (this.#source) this.#source.invert = $("invert").checked ? "yes" : "no";
      page.ask();
    });
    $("file").addEventListener("change", async () => {
      const [file] = $("file").files;
      if (file) await this.#look(file, file.name, file.name);
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
      if (this.#isShown()) this.#lookAtFirst(event.dataTransfer, "dropped");
    });
    addEventListener("paste", (event) => {
      if (this.#isShown()) this.#lookAtFirst(event.clipboardData, "pasted");
    });
  }

  /** Shows what the model takes; whether what was asked no longer counts. */
  fit(model) {
    const changed = this.#size !== model.drawing;
    this.#size = model.drawing;
    const names = Array.from($("pictures").children, (button) => button.dataset.name);
    if (String(names) === String(model.pictures)) return changed;
    $("pick").hidden = !model.pictures.length;
    $("pictures").replaceChildren(...model.pictures.map((name) => this.#testImage(name)));
    return changed;
  }

  invitation() {
    const picking = $("pictures").children.length ? " or pick" : "";
    return `${this.#size ? "Draw, upload" : "Upload"}${picking} an image.`;
  }

  /** What to send; null where nothing is drawn or chosen. */
  async question() {
    const shown = this.#source ?? this.#drawing();
    if (!shown) return null;
    const body = shown.body ?? (await asPng(shown.canvas));
    const about = { invert: shown.invert, called: shown.called };
    if (shown.name) about.name = shown.name;
    return { path: "api/predict", body, about, called: shown.called, shown };
  }

  answered(answer, { shown }) {
    if (shown !== this.#source) return;
    shown.invert = answer.inverted ? "yes" : "no";
    $("invert").checked = answer.inverted;
    $("invert").disabled = false;
    this.#place(shown);
  }

  refused() {
    if (this.#source) this.clear();
  }

  clear() {
    this.#turn += 1;
    this.#wipe();
    this.#page.forget();
  }

  #isShown() {
    return !$("board-part").hidden;
  }

  #wipe() {
    this.#source = null;
    this.#pen.down = false;
    $("pen").hidden = true;
    $("pen-state").textContent = "";
    clearTimeout(this.#waiting);
    this.#board.fillStyle = "#000";
    this.#board.fillRect(0, 0, this.#board.canvas.width, this.#board.canvas.height);
    $("invert").checked = false;
    $("invert").disabled = true;
  }

  #press(event) {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (!dx && !dy && event.key !== " ") return;
    event.preventDefault();
    if (event.key === " ") this.#pen.down = !this.#pen.down;
    const keep = (value) => Math.min(Math.max(value, PEN), this.#board.canvas.width - PEN);
    const to = [keep(this.#pen.x + dx * STEP), keep(this.#pen.y + dy * STEP)];
    if (this.#pen.down) this.#line(...to);
    else [this.#pen.x, this.#pen.y] = to;
    this.#showPen();
  }

  /** Where the keyboard has the pen, which the mouse's own arrow shows otherwise. */
  #showPen() {
    const side = this.#board.canvas.width / 100;
    Object.assign($("pen").style, { left: `${this.#pen.x / side}%`, top: `${this.#pen.y / side}%` });
    $("pen").classList.toggle("down", this.#pen.down);
    $("pen").hidden = !this.#size;
    const state = this.#pen.down ? "The pen is down." : "The pen is up.";
    if ($("pen-state").textContent !== state) $("pen-state").textContent = state;
  }

  #line(x, y) {
    if (!this.#size) return;
    if (this.#source) this.clear();
    this.#turn += 1;
    const board = this.#board;
    board.strokeStyle = "#fff";
    board.lineWidth = PEN;
    board.lineCap = "round";
    board.beginPath();
    board.moveTo(this.#pen.x, this.#pen.y);
    board.lineTo(x, y);
    board.stroke();
    [this.#pen.x, this.#pen.y] = [x, y];
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(this.#page.ask, ASK_AFTER);
  }

  #penPlace(event) {
    const box = this.#board.canvas.getBoundingClientRect();
    const scale = this.#board.canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  /** The part of the board that is drawn on; null when it is empty. */
  #drawn() {
    const { width, height } = this.#board.canvas;
    const pixels = this.#board.getImageData(0, 0, width, height).data;
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
  #drawing() {
    const size = this.#size;
    const part = size ? this.#drawn() : null;
    if (!part) return null;
    const small = document.createElement("canvas").getContext("2d");
    [small.canvas.width, small.canvas.height] = [size, size];
    small.fillStyle = "#000";
    small.fillRect(0, 0, size, size);
    small.imageSmoothingQuality = "high";
    const scale = (size - 2 * MARGIN) / Math.max(part.width, part.height);
    const [width, height] = [part.width * scale, part.height * scale];
    const at = [(size - width) / 2, (size - height) / 2];
    small.drawImage(this.#board.canvas, part.left, part.top, part.width, part.height, ...at, width, height);
    return { canvas: small.canvas, called: "the drawing", invert: "no" };
  }

  /** Puts a picture on the board; where the browser cannot read it, as the model sees it. */
  async #place(shown) {
    shown.image ??= await picture(shown.body);
    if (!shown.image) await $("seen").decode().catch(() => {});
    if (shown === this.#source && !$("seen").hidden) this.#put(shown.image ?? $("seen"));
  }

  /** Puts a picture on the board in its own shape, on black as the model sees it. */
  #put(image) {
    const board = this.#board;
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
  async #look(file, called, name = "") {
    this.clear();
    const { largest, forget } = this.#page;
    if (file.size > largest) {
      forget(`${called} is larger than ${largest >> 20} MiB; scale it down.`);
      return;
    }
    const turn = this.#turn;
    // What the demo's server reads it checks first: a small file can be too large for a browser.
    const image = (await sentAsItIs(file)) ? null : await picture(file);
    const body = image ? await asPng(image) : file;
    if (turn !== this.#turn) return;
    this.#source = { body, image, called, name: image ? "" : name, invert: "" };
    await this.#page.ask();
  }

  /** Asks about what was dropped or pasted: of several files the first, of a folder none. */
  async #lookAtFirst(data, how) {
    const entries = Array.from(data.items, (item) => item.webkitGetAsEntry?.());
    const folder = entries.find((entry) => entry?.isDirectory);
    const files = Array.from(data.files);
    this.clear();
    if (folder) this.#page.forget(`${folder.name} is a folder; choose a picture in it.`);
    else if (!files.length) this.#page.forget(`What was ${how} is no picture file.`);
    // What is pasted often comes from a page or a screen, and has a name that no file has.
    else if (how === "pasted") await this.#look(files[0], "the pasted picture");
    else await this.#look(files[0], files[0].name, files[0].name);
    if (files.length > 1 && this.#source) $("error").textContent = `Of ${files.length} files only ${files[0].name} is shown.`;
  }

  #testImage(name) {
    const button = document.createElement("button");
    const image = document.createElement("img");
    image.src = `pictures/${name}`;
    image.alt = name.replace(/^\d+-/, "").replace(/\.png$/, "").replaceAll("-", " ");
    button.type = "button";
    button.dataset.name = name;
    button.append(image);
    button.addEventListener("click", async () => {
      this.clear();
      const turn = this.#turn;
      const file = await fetch(image.src).then((found) => found.blob(), () => null);
      if (turn !== this.#turn) return;
      if (file) await this.#look(file, image.alt);
      else this.#page.forget("The demo has ended; start it again with `make demo`.");
    });
    return button;
  }
}
