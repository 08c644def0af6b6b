// The page of the demo: what it asks with, a board or a form, and the answer.

import { Board } from "./board.js";
import { Form } from "./form.js";
import { copy } from "./pictures.js";

const LOOK_AGAIN = 3000;
const NOTHING = "–";

const $ = (id) => document.getElementById(id);
let asked = 0;
let away = false; // The model server, or the demo.
let answered = null;

/** What board and form know of the page. */
const page = {
  largest: Infinity, // Bytes of a file.
  ask,
  call,
  forget,
};
const board = new Board(page);
const form = new Form(page);
let input = board;

/** Takes the old answer away; one that is on its way will not be shown. */
function forget(message = "") {
  asked += 1;
  answered = null;
  $("error").textContent = message;
  $("label").textContent = message ? "No answer." : input.invitation();
  $("bars").replaceChildren();
  for (const id of ["answered", "latency", "sent", "request"]) $(id).textContent = NOTHING;
  for (const id of ["seen", "said"]) $(id).hidden = true;
  $("seen").removeAttribute("src");
  $("unseen").hidden = false;
  $("copy").disabled = true;
  form.forget();
}

async function ask() {
  const number = ++asked;
  try {
    const question = await input.question();
    if (number !== asked) return;
    if (!question) return;
    const about = new URLSearchParams({ version: $("version").value, ...question.about });
    const answer = await call(`${question.path}?${about}`, { method: "POST", body: question.body });
    if (number === asked) show(answer, question);
  } catch (error) {
    if (number !== asked) return;
    if (error.refused) input.refused();
    forget(error.message);
  }
}

async function call(path, options) {
  const response = await fetch(path, options).catch(() => {
    throw new Error("The demo has ended; start it again with `make demo`.");
  });
  const answer = await response.json();
  // What is wrong with the picture or the form, rather than with a server.
  if (!response.ok) throw Object.assign(new Error(answer.error), { refused: response.status < 500 });
  return answer;
}

function show(answer, question) {
  answered = answer;
  const { headline, scores, text } = answer.reading;
  $("error").textContent = "";
  $("label").textContent = headline;
  $("answered").textContent = `version ${answer.version}`;
  $("latency").textContent = `${answer.milliseconds} ms`;
  $("sent").textContent = answer.note;
  $("said").textContent = text;
  $("said").hidden = !text;
  $("copy").disabled = false;
  spell();
  if (answer.seen[""]) {
    $("seen").src = answer.seen[""];
    $("seen").alt = `${question.called}, as the model sees it`;
    $("seen").hidden = false;
    $("unseen").hidden = true;
  }
  input.answered(answer, question);
  const bars = $("bars");
  if (bars.children.length !== scores.length) bars.replaceChildren(...scores.map(bar));
  scores.forEach(({ label, score, chosen }, index) => {
    const [name, value, number] = bars.children[index].children;
    bars.children[index].classList.toggle("best", chosen);
    name.textContent = label;
    value.value = score;
    value.setAttribute("aria-label", label);
    number.textContent = score.toFixed(3);
  });
}

/** Shows the request as it is to be copied. */
function spell() {
  if (answered) $("request").textContent = $("as-python").checked ? answered.python : answered.curl;
}

function bar() {
  const item = document.createElement("li");
  const parts = ["span", "progress", "span"].map((name) => document.createElement(name));
  parts[1].max = 1;
  item.append(...parts);
  return item;
}

/** Shows the model, and asks again where another version answers or the model is back. */
async function refresh() {
  const chosen = $("version").value;
  const model = await call(`api/model?${new URLSearchParams({ version: chosen })}`);
  if ($("version").value !== chosen) return;
  $("model").textContent = model.model;
  document.title = `${model.model}: model demo`;
  $("backend").textContent = `model server: ${model.backend}`;
  page.largest = model.largest;
  const known = Array.from($("version").options, (option) => Number(option.value));
  let another = false;
  if (String(known) !== String(model.versions)) {
    const latest = !known.length || Number(chosen) === known[0];
    $("version").replaceChildren(...model.versions.map((number) => new Option(number, number)));
    if (!latest && model.versions.includes(Number(chosen))) $("version").value = chosen;
    else another = true;
  }
  if (another && known.length) {
    await refresh();
    return ask();
  }
  const first = !known.length;
  input = model.form ? form : board;
  $("input-title").textContent = model.form ? "Features" : "Image";
  $("form-part").hidden = !model.form;
  for (const id of ["board-part", "seeing"]) $(id).hidden = Boolean(model.form);
  $("main").classList.toggle("with-form", Boolean(model.form));
  const changed = input.fit(model);
  if (away || first || changed) forget();
  if (away || first || changed || another) ask();
  away = false;
}

function leave(error) {
  away = true;
  forget(error.message);
}

async function keepLooking() {
  await refresh().catch(leave);
  setTimeout(keepLooking, LOOK_AGAIN);
}

$("version").addEventListener("change", () => {
  asked += 1;
  refresh().then(ask, leave);
});
for (const id of ["as-curl", "as-python"]) $(id).addEventListener("change", spell);
$("copy").addEventListener("click", async () => {
  $("copy").textContent = await copy($("request"));
  setTimeout(() => { $("copy").textContent = "Copy"; }, 2500);
});
forget();
keepLooking();
