"""Makes the pictures of pages in docs/images, from the real pages over a real model and store.

usage: .venv/bin/python -m tools.screenshots [WORKSPACE [WORKSPACE OF configs/taxi.yaml]]

Needs Chromium on the PATH and a workspace with a run in it (`make run`); the form is made anew
where there is one with a table, too.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from documents.terminal.command_line import CommandLine
from serving.backends.interpreter import clean_environment, module_command

REPOSITORY = Path(__file__).resolve().parents[1]
IMAGES = REPOSITORY / "docs" / "images"
COLOURS = 128
DESKTOP, PHONE, EXPLORER = (1040, 850), (390, 1250), (1100, 1160)
FORM = (1040, 900)
TROUSERS = [
    *([(110 + shift, 60), (100 + shift, 260)] for shift in (0, 14)),
    *([(180 + shift, 60), (190 + shift, 260)] for shift in (0, 14)),
    *([(110, 62 + shift), (195, 62 + shift)] for shift in (0, 14, 28)),
]


def main() -> None:
    parser = CommandLine(
        prog="python -m tools.screenshots",
        description="Makes the pictures of pages in docs/images; needs Chromium on the PATH.",
    )
    parser.add_argument(
        "workspace", type=Path, nargs="?", default="workspace", help="with a run in it"
    )
    parser.add_argument(
        "tables", type=Path, nargs="?", help="that of configs/taxi.yaml, for the form of the demo"
    )
    options = parser.parse_args()
    workspace = options.workspace.resolve()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        base_path = str(workspace / "serving" / "fashion_mnist")
        with _running("serving", "demo", "--base-path", base_path) as url:
            _demo(browser, url)
        if options.tables:
            base_path = str(options.tables.resolve() / "serving" / "taxi")
            with _running("serving", "demo", "--base-path", base_path) as url:
                _form(browser, url)
        with _running("inspection", "web", "--store", str(workspace)) as url:
            _explorer(browser, url)
        recorded = str(REPOSITORY / "tests" / "inspection" / "recorded" / "workspace")
        with _running("inspection", "web", "--store", recorded) as url:
            _history(browser, url)
        _serving_check(browser, workspace)
        browser.close()


@contextlib.contextmanager
def _running(package: str, command: str, *arguments: str) -> Iterator[str]:
    """The address of a page that `python -m PACKAGE COMMAND` serves."""
    process = subprocess.Popen(
        module_command(package, command, "--port", "0", *arguments),
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    found = re.search(r"http://\S+:\d+", process.stdout.readline())
    try:
        if not found:
            sys.exit(f"python -m {package} {command} did not start.")
        yield found.group()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _page(browser: Any, url: str, size: tuple[int, int], scheme: str = "light") -> Any:
    page = browser.new_page(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
    page.goto(url)
    return page


def _demo(browser: Any, url: str) -> None:
    for name, scheme, size, picked in (
        ("demo", "light", DESKTOP, "ankle boot 2"),
        ("demo_dark", "dark", DESKTOP, None),
        ("demo_phone", "light", PHONE, "bag 2"),
    ):
        page = _page(browser, url, size, scheme)
        page.wait_for_selector("#pictures img")
        if picked:
            page.click(f"img[alt='{picked}']")
        else:
            _draw(page)
        expect(page.locator("#label")).to_contain_text("score")
        page.wait_for_timeout(500)  # until the bars stand still
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur()")
        _save(page.screenshot(), name)


def _form(browser: Any, url: str) -> None:
    page = _page(browser, url, FORM)
    expect(page.locator("#label")).to_contain_text("score")
    page.get_by_label("payment_type", exact=True).select_option("=Credit Card")
    page.wait_for_timeout(1_000)
    expect(page.locator("#label")).to_contain_text("score")
    page.evaluate("document.activeElement.blur()")
    _save(page.screenshot(), "demo_form")


def _explorer(browser: Any, url: str) -> None:
    """The newest run."""
    page = _page(browser, url, EXPLORER)
    page.click("table a.id >> nth=0")
    page.wait_for_selector("a.node")
    _save(page.screenshot(), "explorer_run")


def _history(browser: Any, url: str) -> None:
    """Runs that ended in every way, and four of them beside one another."""
    _save(_page(browser, url, (1300, 815)).screenshot(), "explorer_runs")
    asked = "&".join(f"run={run}" for run in ("r2", "r24", "r30", "r34"))
    _save(_page(browser, f"{url}/compare?{asked}", (1100, 900)).screenshot(), "explorer_compared")


def _serving_check(browser: Any, workspace: Path) -> None:
    reports = sorted(
        (workspace / "artifacts" / "ServingCheck" / "report").glob("*/report.html"),
        key=lambda path: int(path.parent.name),
    )
    page = _page(browser, reports[-1].as_uri(), (900, 1800))
    _save(page.screenshot(), "serving_check")


def _draw(page: Any) -> None:
    box = page.locator("#board").bounding_box()
    for (x, y), end in TROUSERS:
        page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.down()
        page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=8)
        page.mouse.up()


def _save(content: bytes, name: str) -> None:
    path = IMAGES / f"{name}.png"
    path.write_bytes(content)
    Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
