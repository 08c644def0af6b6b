"""Models of users' code, trained, exported and served: wrong ones are named by their check."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from components.serving_check.checks import sizes
from components.serving_check.expected import complete
from components.serving_check.options import Options
from tests.components.serving_check.bench import QUICK
from tests.components.serving_check.mutants.stand import stand
from tests.components.serving_check.mutants.user_made import USER_MADE
from tests.e2e.test_tables import CLASSES, FEATURES, Trained
from tests.models import user_file

pytestmark = pytest.mark.slow

IN_CI = ("constant_of_each_tracing", "words_of_a_file")
"""Each is trained, which takes ten times as long as surgery."""
TABLE = {name: FEATURES[name] for name in ("fare (EUR)", "company")}
EXAMPLES = 100


@pytest.mark.parametrize("name", USER_MADE if os.environ.get("MUTANTS") == "all" else IN_CI)
def test_models_of_users_code_are_judged_rightly(name: str, tmp_path: Path) -> None:
    made = USER_MADE[name]
    code = {made.function: user_file.write(tmp_path, made.source, made.function)}
    (tmp_path / "trained").mkdir()
    trained = Trained(tmp_path / "trained", CLASSES, TABLE, code, epochs=1)
    options = Options.model_validate({**QUICK, "parity_examples": EXAMPLES})
    options = complete(options, trained.declaration)
    with stand({name: trained.model}, tmp_path / "served", options, cold=[name]) as server:
        without = sizes.NAME if made.row is None else None
        rows = server.check(name, made.row, without=without)
    failing = {row: check.found for row, check in rows.items() if not check.ok}
    assert set(failing) == ({made.row} if made.row else set()), failing
