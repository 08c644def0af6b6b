// Makes graphs movable and tells what leads to a node; pages are complete without it.
const MOST_ZOOM = 6;

for (const graph of document.querySelectorAll(".graph:not(.fixed)")) makeMovable(graph);
for (const graph of document.querySelectorAll(".graph")) makeTraceable(graph);

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    document.querySelector("#search").focus();
  }
});

function makeMovable(graph) {
  const svg = graph.querySelector("svg");
  const [left, top, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const home = { x: left, y: top, width, height };
  let view = { ...home };

  const show = (next) => {
    view = next;
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  };
  const zoom = (factor, x = view.x + view.width / 2, y = view.y + view.height / 2) => {
    const width = Math.min(Math.max(view.width * factor, home.width / MOST_ZOOM / 4), home.width * 2);
    const scale = width / view.width;
    show({ x: x - (x - view.x) * scale, y: y - (y - view.y) * scale, width, height: view.height * scale });
  };
  const place = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [point.x, point.y];
  };

  const controls = document.createElement("div");
  controls.className = "controls";
  for (const [text, title, act] of [
    ["+", "Zoom in", () => zoom(0.7)],
    ["−", "Zoom out", () => zoom(1 / 0.7)],
    ["⤢", "Show all", () => show({ ...home })],
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

  // With Ctrl only, or the page could not be scrolled past the graph; pinching sends it, too.
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(Math.exp(event.deltaY / 300), ...place(event));
  }, { passive: false });

  let from = null;
  let moved = false;
  svg.addEventListener("pointerdown", (event) => {
    from = place(event);
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    if (!from || !event.buttons) return;
    const [x, y] = place(event);
    if (Math.hypot(x - from[0], y - from[1]) > 3) moved = true;
    show({ ...view, x: view.x + from[0] - x, y: view.y + from[1] - y });
  });
  svg.addEventListener("pointerup", () => { from = null; });
  svg.addEventListener("click", (event) => { if (moved) event.preventDefault(); }, true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
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
        nodes.get(next.dataset[forward[1]]).focus();
      }
    });
  }
}
