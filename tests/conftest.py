"""Settings that every test needs before TensorFlow is imported, and no network."""

from __future__ import annotations

import gc
import ipaddress
import os
import shutil
import signal
import sys
from collections.abc import Generator, Iterator
from typing import Any

import hypothesis
import pytest

from documents.environment.onednn import choose_onednn
from pipeline import light_imports
from pipeline.beam_workers.shortcuts import take_shortcuts
from tests.file_order import spread

# Tests are about behaviour, not about the accelerator of the machine they run on.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
choose_onednn()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Nor of its cloud, for whose credentials Google's clients would look three seconds long; they read
# this when they are imported.
os.environ["NO_GCE_CHECK"] = "true"
# As every step has it: all components of TFX, notebooks and clients of Google Cloud are two CPU
# seconds that no test needs, in each process of a test run.
light_imports.postpone()
for _name in light_imports.UNUSED:
    # A step does without, but tests have some package run after all, which does not.
    if sys.modules[_name] is None:
        del sys.modules[_name]

# A shell has what it runs in the background ignore SIGINT, and so would the children of tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A time limit per example fails at random on a machine that is busy with other tests. Every run, on
# both lanes, draws other examples, so that few each time find as much in the end.
hypothesis.settings.register_profile("project", deadline=None, database=None, max_examples=25)
hypothesis.settings.load_profile("project")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Spares the garbage collector what importing TensorFlow and all tests leaves for good, and
    Beam what a run spares it.

    Otherwise the one looks at millions of objects again and again, for a quarter of some tests'
    time, and so does the other at functions.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        if "apache_beam" in sys.modules:
            take_shortcuts()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has files in the order that leaves no core idle."""
    for item in items:
        if item.get_closest_marker("extended") and not item.get_closest_marker("slow"):
            raise pytest.UsageError(f"{item.nodeid} is marked extended and not slow; mark it slow.")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    order = {path: place for place, path in enumerate(spread([item.path for item in items], slow))}
    items.sort(key=lambda item: order[item.path])


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Calls binary values after their argument, and long ones.

    What gzip packs holds the time, and pytest-xdist refuses tests that have other names in another
    process.
    """
    if not isinstance(val, bytes):
        return None
    is_readable = len(val) < 1_000 and val.isascii() and val.decode().isprintable()
    return None if is_readable else argname


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Lets Python's own sockets reach this machine only; servers under test are on it."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        if not _is_here(host):
            raise PermissionError(f"A test tried to reach {host}; tests do not use the network.")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


sys.addaudithook(_refuse_the_network)


_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium of this machine, as playwright's Browser.

    Without one the test is skipped, except where REQUIRE_BROWSER is set, as in CI.
    """
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        missing = pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip
        missing(f"no browser: install one of {', '.join(_BROWSERS)}")
    from playwright.sync_api import sync_playwright

    # The pages come from this test run, and root has no sandbox.
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=found, args=arguments)
        yield running
        running.close()
