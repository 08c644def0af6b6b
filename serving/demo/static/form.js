// Models of columns: a field for each feature, and what it holds.

import { CONTROLS } from "./controls.js";

const ASK_AFTER = 150; // Milliseconds without a change.

const $ = (id) => document.getElementById(id);

export class Form {
  #page;
  #fields = []; // Each with its control and its check box for what is missing.
  #written = ""; // The fields as the server described them.
  #waiting = 0;

  constructor(page) {
    this.#page = page;
    $("fields").addEventListener("submit", (event) => event.preventDefault());
    $("example").addEventListener("click", () => this.#start());
    $("none").addEventListener("click", () => {
      for (const field of this.#fields) if (field.may_miss) this.#put(field, null);
      this.#changed();
    });
  }

  /** Shows the fields of a model; whether they are other ones. */
  fit(model) {
    const written = JSON.stringify(model.form);
    if (written === this.#written) return false;
    const before = new Map(this.#fields.map((field) => [`${field.kind} ${field.name}`, field]));
    this.#written = written;
    $("pick").hidden = true;
    $("pictures").replaceChildren();
    this.#fields = model.form.map((field, index) => this.#made(field, index));
    $("fields").replaceChildren(...this.#fields.map((field) => field.element));
    for (const field of this.#fields) {
      // What people typed stays where another version has the field, too.
      const old = before.get(`${field.kind} ${field.name}`);
      this.#put(field, old ? this.#held(old) : field.start);
    }
    $("none").hidden = !this.#fields.some((field) => field.may_miss);
    return true;
  }

  invitation() {
    return "Fill in the features.";
  }

  /** What to send. */
  async question() {
    // An object to which `cells[name] = …` adds has no column called __proto__.
    const cells = Object.fromEntries(this.#fields.map((field) => [field.name, this.#held(field)]));
    return { path: "api/ask", body: JSON.stringify(cells), about: {} };
  }

  answered(answer) {
    for (const field of this.#fields) field.control.see?.(answer.seen[field.name]);
  }

  forget() {
    for (const field of this.#fields) field.control.see?.();
  }

  refused() {}

  #start() {
    for (const field of this.#fields) this.#put(field, field.start);
    this.#changed();
  }

  #made(field, index) {
    const element = document.createElement("div");
    element.className = "field";
    const label = document.createElement("label");
    label.textContent = field.name;
    label.htmlFor = `field-${index}`;
    const made = { ...field, element, missing: null };
    const tell = (problem) => this.#changed(problem);
    made.control = (CONTROLS[field.kind] ?? CONTROLS.text)(field, `field-${index}`, tell, this.#page);
    made.control.element.classList.add("control");
    const head = document.createElement("div");
    head.className = "row between";
    head.append(label);
    if (field.may_miss) {
      const text = document.createElement("label");
      text.className = "check";
      made.missing = document.createElement("input");
      made.missing.type = "checkbox";
      made.missing.setAttribute("aria-label", `${field.name} is missing`);
      made.missing.addEventListener("change", () => {
        made.control.disable(made.missing.checked);
        this.#changed();
      });
      text.append(made.missing, " missing");
      head.append(text);
    }
    element.append(head, made.control.element);
    return made;
  }

  #held(field) {
    return field.missing?.checked ? null : field.control.value();
  }

  #put(field, cell) {
    const missing = field.may_miss && cell === null;
    if (field.missing) field.missing.checked = missing;
    if (!missing) field.control.put(cell);
    field.control.disable(missing);
  }

  #changed(problem = "") {
    clearTimeout(this.#waiting);
    this.#page.forget(problem);
    if (!problem) this.#waiting = setTimeout(this.#page.ask, ASK_AFTER);
  }
}
