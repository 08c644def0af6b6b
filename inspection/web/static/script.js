// Makes graphs movable and tells what leads to a node; pages are complete without it.
const MOST_ZOOM = 3;

for (const graph of document.querySelectorAll(".graph:not(.fixed)")) makeMovable(graph);
for (const graph of document.querySelectorAll(".graph")) makeTraceable(graph);

// What scrolls can be reached with the keyboard, and nothing else of its kind stops there.
const reachScrolling = () => {
  for (const box of document.querySelectorAll(".table, .timeline, pre")) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
reachScrolling();
addEventListener("resize", reachScrolling);

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    document.querySelector("#search").focus();
  }
});

function makeMovable(graph) {
  const pane = graph.querySelector(".pane");
  const svg = pane.querySelector("svg");
  const width = Number(svg.getAttribute("width"));
  const height = Number(svg.getAttribute("height"));
  let scale = 1;

  // Keeps the point that is at (x, y) of the pane where it is.
  const zoom = (next, x = pane.clientWidth / 2, y = pane.clientHeight / 2) => {
    next = Math.min(Math.max(next, 0.1), MOST_ZOOM);
    const grown = next / scale;
    const left = (pane.scrollLeft + x) * grown - x;
    const top = (pane.scrollTop + y) * grown - y;
    scale = next;
    svg.setAttribute("width", width * scale);
    svg.setAttribute("height", height * scale);
    pane.scrollTo(left, top);
  };
  const fit = () => zoom(Math.min(1, (pane.clientWidth - 14) / width, (pane.clientHeight - 14) / height));

  const controls = document.createElement("div");
  controls.className = "controls";
  for (const [text, title, act] of [
    ["+", "Zoom in", () => zoom(scale * 1.3)],
    ["−", "Zoom out", () => zoom(scale / 1.3)],
    ["⤢", "Show all", fit],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.title = title;
    button.setAttribute("aria-label", title);
    button.addEventListener("click", act);
    controls.append(button);
  }
  graph.append(controls);

  const start = svg.querySelector(".node.start rect");
  if (start) {
    const box = start.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    pane.scrollBy(
      box.left + box.width / 2 - frame.left - pane.clientWidth / 2,
      box.top + box.height / 2 - frame.top - pane.clientHeight / 2);
  }

  // With Ctrl only, or the page could not be scrolled past the graph; pinching sends it, too.
  pane.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const frame = pane.getBoundingClientRect();
    zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - frame.left, event.clientY - frame.top);
  }, { passive: false });

  // Fingers scroll by themselves.
  let from = null;
  let moved = false;
  pane.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    from = { x: event.clientX + pane.scrollLeft, y: event.clientY + pane.scrollTop };
    moved = false;
  });
  pane.addEventListener("pointermove", (event) => {
    if (!from || !event.buttons) return;
    const left = from.x - event.clientX;
    const top = from.y - event.clientY;
    if (Math.hypot(left - pane.scrollLeft, top - pane.scrollTop) > 3) moved = true;
    pane.scrollTo(left, top);
  });
  pane.addEventListener("pointerup", () => { from = null; });
  pane.addEventListener("click", (event) => { if (moved) event.preventDefault(); moved = false; }, true);
  pane.addEventListener("dragstart", (event) => event.preventDefault());
}

function makeTraceable(graph) {
  const edges = [...graph.querySelectorAll("path.edge")];
  const nodes = new Map([...graph.querySelectorAll(".node")].map((node) => [node.dataset.id, node]));
  const follow = (id, from, to) => {
    const found = new Set([id]);
    for (const each of found)
      for (const edge of edges) if (edge.dataset[from] === each) found.add(edge.dataset[to]);
    return found;
  };
  const pick = (id) => {
    const up = follow(id, "target", "source");
    const down = follow(id, "source", "target");
    graph.classList.add("picked");
    for (const [name, node] of nodes) node.classList.toggle("near", up.has(name) || down.has(name));
    for (const { dataset, classList } of edges)
      classList.toggle("near",
        (up.has(dataset.source) && up.has(dataset.target)) || (down.has(dataset.source) && down.has(dataset.target)));
  };
  const unpick = () => graph.classList.remove("picked");
  for (const [id, node] of nodes) {
    node.addEventListener("pointerenter", () => pick(id));
    node.addEventListener("pointerleave", unpick);
    node.addEventListener("focus", () => pick(id));
    node.addEventListener("blur", unpick);
    node.addEventListener("keydown", (event) => {
      const forward = { ArrowDown: ["source", "target"], ArrowUp: ["target", "source"] }[event.key];
      if (!forward) return;
      const next = edges.find((edge) => edge.dataset[forward[0]] === id);
      if (next) {
        event.preventDefault();
        nodes.get(next.dataset[forward[1]]).focus(); // which scrolls there
      }
    });
  }
}

// A run that is going on is looked at again, unless somebody is just reading on or typing.
const SECONDS = 3;
if (document.querySelector("main[data-live]")) setInterval(() => {
  const busy = document.hidden || document.activeElement !== document.body || String(getSelection()) ||
    document.querySelector(".graph.picked");
  if (!busy) location.reload();
}, SECONDS * 1000);
