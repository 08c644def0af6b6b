"""Models of users' code, trained, exported and served: wrong ones are named by their check."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from components.serving_check.checks import sizes
from components.serving_check.expected import complete
from components.serving_check.options import Options
from tests.components.serving_check.bench import QUICK
from tests.components.serving_check.mutants.stand import Stand, stand
from tests.components.serving_check.mutants.user_made import USER_MADE
from tests.e2e.trained import CLASSES, FEATURES, Trained
from tests.models import user_file

pytestmark = [pytest.mark.slow, pytest.mark.extended]

IN_CI = ("constant_of_each_tracing", "words_of_a_file")
"""Each is trained, which takes ten times as long as surgery."""
TABLE = {name: FEATURES[name] for name in ("fare (EUR)", "company")}
EXAMPLES = 100


NAMES = tuple(USER_MADE) if os.environ.get("MUTANTS") == "all" else IN_CI


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One server of all of them, since it takes as long to start as one of them to be checked."""
    folder = tmp_path_factory.mktemp("user made")
    trained = {}
    for name in NAMES:
        made = USER_MADE[name]
        (folder / name / "trained").mkdir(parents=True)
        code = {made.function: user_file.write(folder / name, made.source, made.function)}
        trained[name] = Trained(folder / name / "trained", CLASSES, TABLE, code, epochs=1)
    options = Options.model_validate({**QUICK, "parity_examples": EXAMPLES})
    options = complete(options, trained[NAMES[0]].declaration)
    # The first one has to load.
    models = {
        name: trained[name].model for name in sorted(NAMES, key=lambda n: bool(USER_MADE[n].row))
    }
    with stand(models, folder / "served", options, cold=NAMES) as running:
        yield running


@pytest.mark.parametrize("name", NAMES)
def test_models_of_users_code_are_judged_rightly(name: str, served: Stand) -> None:
    row = USER_MADE[name].row
    rows = served.check(name, row, without=sizes.NAME if row is None else None)
    failing = {row: check.found for row, check in rows.items() if not check.ok}
    assert set(failing) == ({row} if row else set()), failing
