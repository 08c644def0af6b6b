"""Every page in a real browser: wide, on a phone, in the dark, on paper; and for everybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from werkzeug.test import Client

from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.recorded_runs import RECORDED
from tests.inspection.web.running import Running

pytestmark = [pytest.mark.slow, pytest.mark.extended]

PAGES = {
    "runs": "/",
    "runs by a setting": "/?where=training.seed%3D1&order=SparseCategoricalAccuracy",
    "a mistake": "/?where=nonsense",
    "a run": "/runs/r2",
    "a run that failed": "/runs/r36",
    "a step": "/steps/s6",
    "an evaluation": "/steps/s9/evaluation",
    "a serving check": "/steps/s8/evaluation",
    "a model": "/artifacts/a7",
    "examples": "/artifacts/a1?reach=down",
    "rows": "/artifacts/a1/examples",
    "statistics": "/artifacts/a2/statistics",
    "files": "/artifacts/a7/files",
    "two runs": "/compare?before=r2&now=r24",
    "three runs": "/compare?run=r2&run=r24&run=r36",
    "serving": "/serving",
    "a version": "/serving/fashion_mnist/1795427425",
    "metrics": "/metrics?metric=SparseCategoricalAccuracy&slice=label%3D6",
    "models": "/models",
    "clean-up": "/garbage",
    "executions": "/browse/executions",
    "types": "/browse/types",
    "search": "/search?q=fingerprint",
    "nothing": "/artifacts/a999",
}
VIEWS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "paper": {"viewport": {"width": 794, "height": 1123}},
}

# Boxes that scroll by themselves may hold more than they show, nothing else may.
OUTSIDE = """() => {
  const bad = [];
  const say = (e) =>
    bad.push(`${e.tagName}.${e.getAttribute("class")}: ${e.textContent.trim().slice(0, 60)}`);
  for (const e of document.querySelectorAll("header *, main *")) {
    const shown = e instanceof HTMLElement && e.offsetParent && e.clientWidth;
    if (!shown || e.matches("input, select, option, datalist, pre")) continue;
    const style = getComputedStyle(e);
    if (style.display === "inline" || style.overflowX !== "visible") continue;
    if (e.scrollWidth > e.clientWidth + 1) say(e);
  }
  for (const text of document.querySelectorAll("svg text")) {
    const box = text.getBoundingClientRect();
    const rect = text.parentNode.querySelector(":scope > rect");
    const outer = text.closest(".node") ? rect : text.ownerSVGElement;
    const frame = outer.getBoundingClientRect();
    const inside = box.left >= frame.left - 1 && box.right <= frame.right + 1 &&
      box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
    if (box.width && !inside) say(text);
  }
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) bad.push("the page scrolls sideways");
  return bad;
}"""
AXE = """() => axe.run(document, { resultTypes: ["violations"] }).then((found) =>
  found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id} ${node.target} ${node.html.slice(0, 120)}`)))"""


AXE_LOOKS = ("phone", "dark")


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("appearance") / "workspace"
    shutil.copytree(RECORDED, root)
    (root / "notes.jsonl").write_text(
        '{"time": "2026-11-23T10:00:00+00:00", "author": "ann", "about": "r2", '
        f'"name": "{open_history(root).runs[2].name}", "action": "tag", "text": "{"good" * 12}"}}\n'
    )
    with Running(root) as address:
        yield address


@pytest.mark.parametrize("view", VIEWS)
def test_no_text_leaves_its_box_and_no_page_scrolls_sideways_and_axe_finds_nothing(
    browser, url, view
):
    """Each page is opened once: axe looks where it was measured."""
    context = browser.new_context(**VIEWS[view])
    if view in AXE_LOOKS:
        context.add_init_script(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    page, found = context.new_page(), {}
    for name, path in PAGES.items():
        page.goto(url + path)
        if view == "paper":
            page.emulate_media(media="print")
        bad = page.evaluate(OUTSIDE)
        if view in AXE_LOOKS:
            bad += page.evaluate(AXE)
        if bad:
            found[name] = bad
    context.close()
    assert found == {}


def test_every_link_of_every_page_answers():
    workspace = Workspace(RECORDED)
    client = Client(App(Source(lambda: open_history(RECORDED), workspace), ["localhost"]))
    open_links, seen, broken = ["/"], {"/"}, []
    while open_links:
        path = open_links.pop()
        answer = client.get(path)
        if answer.status_code >= 400:
            broken.append((path, answer.status_code))
        if answer.mimetype != "text/html" or "attachment" in answer.headers.get(
            "Content-Disposition", ""
        ):
            continue
        for link in links(answer.text):
            target = urldefrag(urljoin(path, link)).url
            if urlsplit(target).scheme or target in seen:
                continue
            seen.add(target)
            open_links.append(target)
    assert broken == []
    assert len(seen) > 150


def links(text: str) -> list[str]:
    found: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attributes):
            named = dict(attributes)
            found.extend(v for k, v in named.items() if k in ("href", "src") and v)

    Parser().feed(text)
    return found
