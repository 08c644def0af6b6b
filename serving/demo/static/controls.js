// What people type or choose for a feature: one control for each kind.
//
// A control has its element, value(), put(value) and disable(yes).

import { asPng, picture, sentAsItIs } from "./pictures.js";

const STEPS = 200; // Of a slider.
const DIGITS = 4;
const OTHER = "other"; // Option values of a list are "=" and the text, so none is called like this.

function made(name, attributes = {}) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function typed(element, tell) {
  element.addEventListener("input", () => tell());
  return {
    element,
    value: () => element.value,
    put: (value) => { element.value = value ?? ""; },
    disable: (yes) => { element.disabled = yes; },
  };
}

function text(field, id, tell) {
  return typed(made("textarea", { id, rows: field.kind === "json" ? 5 : 3 }), tell);
}

/** A number, with a slider where it is known where numbers lie; any number may be typed. */
function number(field, id, tell) {
  const box = made("input", { id, type: "text", inputmode: "decimal" });
  if (typeof field.low !== "number" || typeof field.high !== "number" || !(field.low < field.high)) return typed(box, tell);
  const step = field.whole ? 1 : (field.high - field.low) / STEPS;
  const slider = made("input", { type: "range", min: field.low, max: field.high, step, "aria-label": field.name });
  const element = made("div");
  element.classList.add("number");
  element.append(slider, box);
  const show = () => { slider.value = Number.isFinite(Number(box.value)) && box.value.trim() ? box.value : field.low; };
  slider.addEventListener("input", () => {
    box.value = String(field.whole ? Number(slider.value) : Number(Number(slider.value).toPrecision(DIGITS)));
    tell();
  });
  box.addEventListener("input", () => {
    show();
    tell();
  });
  return {
    element,
    value: () => box.value,
    put: (value) => {
      box.value = value ?? String(field.low);
      show();
    },
    disable: (yes) => { slider.disabled = box.disabled = yes; },
  };
}

/** The frequent values, and a field for any other. */
function category(field, id, tell) {
  if (!field.values.length) return typed(made("input", { id, type: "text" }), tell);
  const list = made("select", { id });
  list.append(...field.values.map((value) => new Option(value, `=${value}`)), new Option("another …", OTHER));
  const box = made("input", { type: "text", "aria-label": `${field.name}, another value` });
  const element = made("div");
  element.classList.add("category");
  element.append(list, box);
  const show = () => { box.hidden = list.value !== OTHER; };
  list.addEventListener("change", () => {
    show();
    if (!box.hidden) box.focus();
    tell();
  });
  box.addEventListener("input", () => tell());
  return {
    element,
    value: () => (list.value === OTHER ? box.value : list.value.slice(1)),
    put: (value) => {
      const wanted = value ?? field.values[0];
      list.value = field.values.includes(wanted) ? `=${wanted}` : OTHER;
      box.value = list.value === OTHER ? wanted : "";
      show();
    },
    disable: (yes) => { list.disabled = box.disabled = yes; },
  };
}

function date(field, id, tell) {
  const box = made("input", { id, type: field.whole ? "date" : "datetime-local", ...(field.whole ? {} : { step: 1 }) });
  box.addEventListener("input", () => tell(box.validity.badInput ? `${field.name} is no whole date yet.` : ""));
  const [minutes, length] = [16, field.whole ? 10 : 19];
  return {
    element: box,
    // Browsers leave seconds out that are none.
    value: () => (box.value.length === minutes ? `${box.value}:00` : box.value),
    put: (value) => { box.value = (value ?? field.high ?? "2000-01-01T00:00:00").slice(0, length); },
    disable: (yes) => { box.disabled = yes; },
  };
}

/** A time of day. */
function time(field, id, tell) {
  const box = made("input", { id, type: "time", step: field.whole ? 60 : 1 });
  box.addEventListener("input", () => tell(box.validity.badInput ? `${field.name} is no whole time yet.` : ""));
  return {
    element: box,
    value: () => box.value,
    put: (value) => { box.value = value ?? field.high ?? "12:00:00"; },
    disable: (yes) => { box.disabled = yes; },
  };
}

function truth(field, id, tell) {
  const list = made("select", { id });
  list.append(...["true", "false"].map((value) => new Option(value, value)));
  list.addEventListener("change", () => tell());
  return {
    element: list,
    value: () => list.value,
    put: (value) => { list.value = value ?? "false"; },
    disable: (yes) => { list.disabled = yes; },
  };
}

/** A picture: the one of the example until another one is uploaded or dropped on it. */
function image(field, id, tell, page) {
  const element = made("div");
  const shown = made("img", { alt: `${field.name}, as the model sees it` });
  const file = made("input", { id, type: "file", accept: "image/*,.tif,.tiff,.heic,.avif" });
  const note = made("span");
  note.classList.add("note");
  element.classList.add("picture");
  element.append(shown, file, note);
  shown.hidden = true;
  let held = null;
  let turn = 0;

  async function take(found) {
    if (!found) return;
    const number = ++turn;
    if (found.size > page.largest / 2) {
      tell(`${found.name} is larger than ${page.largest >> 21} MiB; scale it down.`);
      return;
    }
    const read = (await sentAsItIs(found)) ? null : await picture(found);
    const content = await asBase64(read ? await asPng(read) : found);
    if (number !== turn) return;
    held = content;
    note.textContent = "";
    tell();
  }

  file.addEventListener("change", () => take(file.files[0]));
  element.addEventListener("dragover", (event) => event.preventDefault());
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    file.value = "";
    note.textContent = event.dataTransfer.files[0]?.name ?? "";
    take(event.dataTransfer.files[0]);
  });
  return {
    element,
    value: () => (held === null ? null : { b64: held }),
    put: (value) => {
      turn += 1;
      held = value && typeof value === "object" ? value.b64 : value;
      file.value = "";
      note.textContent = held ? "the example's picture" : "";
    },
    disable: (yes) => { file.disabled = yes; },
    /** Shows what the model saw; nothing without it. */
    see: (url) => {
      shown.hidden = !url;
      if (url) shown.src = url;
      else shown.removeAttribute("src");
    },
  };
}

function asBase64(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(new Error("The browser cannot read the file."));
    reader.readAsDataURL(blob);
  });
}

export const CONTROLS = { category, date, image, json: text, number, text, time, truth };
