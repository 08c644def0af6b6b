"""Makes the pictures of the demo in docs/images, from the real page over a real model.

usage: .venv/bin/python -m tools.screenshots [BASE_PATH]

Needs Chromium on the PATH and a model in the base path (`make run`).
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import expect, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[1]
IMAGES = REPOSITORY / "docs" / "images"
COLOURS = 128
DESKTOP, PHONE = (1040, 850), (390, 1250)
TROUSERS = [
    *([(110 + shift, 60), (100 + shift, 260)] for shift in (0, 14)),
    *([(180 + shift, 60), (190 + shift, 260)] for shift in (0, 14)),
    *([(110, 62 + shift), (195, 62 + shift)] for shift in (0, 14, 28)),
]


def main() -> None:
    base_path = sys.argv[1] if len(sys.argv) > 1 else "workspace/serving/fashion_mnist"
    command = [sys.executable, "-m", "serving", "demo", "--port", "0", "--base-path", base_path]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert demo.stdout is not None
    found = re.search(r"http://\S+:\d+", demo.stdout.readline())
    try:
        if not found:
            sys.exit("The demo did not start.")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            for name, scheme, size, picked in (
                ("demo", "light", DESKTOP, "ankle boot 2"),
                ("demo_dark", "dark", DESKTOP, None),
                ("demo_phone", "light", PHONE, "bag 2"),
            ):
                viewport: Any = {"width": size[0], "height": size[1]}
                page = browser.new_page(color_scheme=scheme, viewport=viewport)  # type: ignore[arg-type]
                page.goto(found.group())
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
            browser.close()
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait()


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
