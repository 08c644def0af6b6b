"""The explorer in a real browser, as `python -m inspection web` serves it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from playwright import sync_api as playwright

from tests.inspection.hostile import make_hostile
from tests.inspection.recorded_runs import PUSHED, RECORDED, SLICE
from tests.inspection.store_writer import Out, StoreWriter
from tests.inspection.web.running import Running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Running(RECORDED) as address:
        yield address


@pytest.fixture
def open_page(browser, url):
    """Opens pages; the test fails on any error in one, and on any request to somewhere else."""
    contexts = []
    problems: list[str] = []

    def opened(path: str, address: str = url, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: None if r.url.startswith((address, "data:")) else problems.append(r.url),
        )
        page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def test_from_the_list_to_a_run_to_a_model_to_what_made_it(open_page):
    page = open_page("/")
    page.click("text=r24")
    playwright.expect(page.locator("h1")).to_contain_text("20261123T095033.412628")
    page.click("a.node[data-id=s26]")
    playwright.expect(page.locator("h1")).to_contain_text("Trainer")
    page.click("td >> text=a15")
    playwright.expect(page.locator("h1")).to_contain_text("Model")
    page.click("a.button >> text=What it was made from")
    assert page.url.endswith("/artifacts/a15?reach=up#lineage")
    assert page.locator("a.node.step").count() == 4


def test_pointing_at_a_step_shows_what_leads_to_it_and_what_comes_of_it(open_page):
    page = open_page(f"/runs/{SLICE}")
    page.hover("a.node[data-id=s25]")
    assert page.locator(".graph.picked").count() == 1
    near = page.locator("a.node.near").evaluate_all("nodes => nodes.map(n => n.dataset.id)")
    assert {"s21", "s22", "s25", "s26", "s30"} <= set(near)
    assert "s24" not in near
    page.mouse.move(0, 0)
    assert page.locator(".graph.picked").count() == 0


def test_a_graph_is_zoomed_moved_and_shown_whole(open_page):
    page = open_page("/artifacts/a7", viewport={"width": 700, "height": 700})
    pane, picture = page.locator(".pane"), page.locator(".pane svg")
    natural = float(picture.get_attribute("width"))
    assert pane.evaluate("pane => pane.scrollTop") > 0  # to where the model is
    assert page.locator("a.node.start").is_visible()
    page.click("[aria-label='Zoom in']")
    buttons = page.locator(".controls").bounding_box()
    assert buttons["y"] + buttons["height"] <= pane.bounding_box()["y"]  # over no node
    assert float(picture.get_attribute("width")) > natural
    before = pane.evaluate("pane => [pane.scrollLeft, pane.scrollTop]")
    pane.scroll_into_view_if_needed()
    box = pane.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.up()
    assert pane.evaluate("pane => [pane.scrollLeft, pane.scrollTop]") == [
        pytest.approx(before[0] + 40, abs=2),
        pytest.approx(before[1] + 60, abs=2),
    ]
    page.click("[aria-label='Show all']")
    assert pane.evaluate("pane => pane.scrollHeight <= pane.clientHeight + 20")


def test_the_keyboard_is_enough(open_page):
    page = open_page(f"/runs/{PUSHED}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.focus("a.node[data-id=s1]")
    page.keyboard.press("ArrowDown")
    reached = page.evaluate("document.activeElement.dataset.id")
    assert reached != "s1"
    page.keyboard.press("Enter")
    playwright.expect(page).to_have_url(re.compile(f"/steps/{reached}$"))
    page.wait_for_selector(".graph .controls")  # the script is at work
    page.keyboard.press("/")
    page.keyboard.type("fingerprint")
    page.keyboard.press("Enter")
    playwright.expect(page.locator("h1")).to_have_text("Search")
    assert page.locator("tr").count() > 1


def test_runs_are_chosen_and_compared(open_page):
    page = open_page("/")
    for name in ("r36", "r34"):
        page.uncheck(f"[aria-label='Compare {name}']")
    for name in ("r24", "r2"):
        page.check(f"[aria-label='Compare {name}']")
    page.click("text=Compare the chosen ones")
    playwright.expect(page.locator(".answer")).to_contain_text("training.seed changed from 0 to 1")
    page.go_back()
    page.check("[aria-label='Compare r30']")
    page.click("text=Compare the chosen ones")
    playwright.expect(page.locator("h1")).to_have_text("3 runs compared")
    assert page.locator("svg.parallel .line").count() == 3
    page.click("text=Without refused ones")
    playwright.expect(page.locator(".answer")).to_contain_text("left out: refused")


def test_every_page_has_an_address_that_can_be_sent(open_page):
    page = open_page(f"/compare?before={PUSHED}&now={SLICE}")
    playwright.expect(page.locator("h1")).to_contain_text("What changed")
    assert open_page("/artifacts/a5?reach=down").locator("a[aria-current=true]").inner_text() == (
        "What came of it"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"/runs/{PUSHED}",
        "/artifacts/a7",
        "/serving",
        "/metrics",
        "/models",
        "/browse/artifacts",
    ],
)
def test_a_phone_shows_it_without_scrolling_sideways_and_in_the_dark(open_page, path):
    page = open_page(path, viewport={"width": 360, "height": 740}, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 28)"


def test_it_can_be_printed(open_page):
    page = open_page(f"/runs/{PUSHED}", color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()
    runs = open_page("/")
    runs.emulate_media(media="print")
    assert runs.locator("text=r24").is_visible()


def test_without_scripts_everything_but_moving_works(open_page):
    page = open_page(f"/runs/{PUSHED}", java_script_enabled=False)
    page.click("a.node[data-id=s6]")
    assert page.url.endswith("/steps/s6")


def test_a_hostile_store_runs_nothing(browser, tmp_path):
    with Running(make_hostile(RECORDED, tmp_path / "workspace"), signal.SIGTERM) as address:
        page = browser.new_page()
        for path in ("/", "/runs/r2", "/steps/s6", "/artifacts/a1", "/artifacts/a2", "/serving"):
            page.goto(address + path)
            assert page.evaluate("window.broken") is None
        page.close()


def test_the_report_is_downloaded_and_stands_alone(open_page, tmp_path, browser):
    page = open_page(f"/runs/{PUSHED}")
    with page.expect_download() as download:
        page.click("text=One-file report")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    offline = browser.new_context(offline=True).new_page()
    offline.goto(path.as_uri())
    playwright.expect(offline.locator(".answer").first).to_contain_text("is live as version")
    assert offline.locator("a.node").count() == 10
    offline.context.close()


def test_it_is_there_when_it_says_so():
    start = time.monotonic()
    with Running(RECORDED) as address:
        assert address
    assert time.monotonic() - start < 60  # its speed is measured in benchmarks/


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--store", "nowhere.db"], "There is no metadata store at nowhere.db"),
        (["--store", str(RECORDED), "--port", "1", "--host", "192.0.2.1"], "cannot be used"),
    ],
)
def test_what_keeps_it_from_starting_is_a_sentence(arguments, said):
    found = subprocess.run(
        [sys.executable, "-m", "inspection", "web", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 1
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_a_run_that_is_going_on_is_looked_at_again(open_page, tmp_path):
    store = StoreWriter(tmp_path / "root")
    run = store.run("any", "1")
    run.node("ExampleGen", {}, {"examples": Out("Examples")}, state="running")
    with Running(store.root) as address:
        page = open_page("/", address)
        playwright.expect(page.locator(".answer").first).to_contain_text("1 is running")
        [execution] = store.client.get_executions()
        execution.last_known_state = 3
        store.client.put_executions([execution])
        playwright.expect(page.locator(".answer").first).to_contain_text("complete", timeout=60_000)
        assert page.locator("main[data-live]").count() == 0
