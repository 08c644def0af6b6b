"""Some mutants go through the whole executor, those among them that would take a shared server with
them. Apart from the others, so that both run at the same time."""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from components.serving_check import executor
from components.serving_check.control import MachineError
from serving.backends.errors import LaunchError
from serving.launch import launch
from tests.components.serving_check.bench import Bench
from tests.components.serving_check.mutants.catalogue import MUTANTS
from tests.components.serving_check.mutants.stand import SESSION

WHOLE: tuple[str, ...] = ("noisy_outputs",)
"""The real one is blessed by every whole run that pushes it, see tests/e2e/."""
HARMFUL: tuple[str, ...] = ("kills", "endless_at_33", "keeps_everything")
"""Those that take their server with them, or all there is."""
if os.environ.get("MUTANTS") == "all":
    WHOLE += ("the_real_one", "frozen", "saved_again", "alone", "labels_shifted")
    HARMFUL = tuple(name for name, mutant in MUTANTS.items() if mutant.harmful)
OPTIONS: dict[str, dict[str, Any]] = {
    # A load that never ends has to be given up at some time.
    "endless": {"load_seconds": 20},
    "keeps_everything": {"growth_requests": 1_500, "growth_percent": 5},
}
FLAGS = {
    # A server ends by itself what takes too long, after thirty seconds unless it is told otherwise.
    "endless_at_33": ("--rest_api_timeout_in_ms=8000",),
}
ALSO = {
    # What its graph shows, its server must show as well.
    "keeps_everything": ("memory growth",),
}


@pytest.mark.slow
@pytest.mark.extended
@pytest.mark.parametrize("name", [*WHOLE, *HARMFUL])
def test_the_executor_judges_rightly(
    name: str, real_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    mutant = MUTANTS[name]
    bench = Bench(tmp_path)
    mutant.make(real_model, tmp_path / "model")
    session = tmp_path / "session.config"
    session.write_text(SESSION)
    flags = (f"--tensorflow_session_config_file={session}", *FLAGS.get(name, ()))
    monkeypatch.setattr(executor, "launch", functools.partial(launch, flags=flags))
    try:
        checked = bench.check(splits=(), **OPTIONS.get(name, {}))
    except (LaunchError, MachineError) as error:
        # Nobody is refused for it, so there is nothing to see.
        if "for a processor" in str(error) or "of the time to others" in str(error):
            pytest.skip("this machine is too busy to tell what is slow or never ends")
        raise
    if mutant.row is None:
        assert checked.blessed, checked.reason
    else:
        assert not checked.blessed, mutant.says
        for row in (mutant.row, *ALSO.get(name, ())):
            assert row in checked.rows, checked.reason
            assert not checked.rows[row]["ok"], checked.reason
        assert checked.reason.startswith("ServingCheck: ")
        assert "\n" not in checked.reason
        assert "Traceback" not in checked.reason
    shutil.rmtree(tmp_path)
