"""Packages that are imported without what their `__init__` imports."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import light_imports
from pipeline.settings import REPOSITORY


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package whose `__init__` can be seen to run, postponed."""
    folder = tmp_path / "heavy"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "import sys\nsys.heavy_ran += 1\nfrom heavy.part import VALUE\nfrom heavy import other\n"
        "__version__ = '7'\n"
    )
    (folder / "part.py").write_text("VALUE = 5\n")
    (folder / "other.py").write_text("OTHER = 6\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "heavy_ran", 0, raising=False)
    monkeypatch.setattr(light_imports, "UNUSED", ())
    monkeypatch.setattr(light_imports, "POSTPONED", {"heavy": {"OTHER": "heavy.other"}})
    light_imports.postpone()
    yield "heavy"
    for name in [name for name in sys.modules if name.split(".")[0] == "heavy"]:
        del sys.modules[name]


def ran() -> int:
    return sys.heavy_ran  # type: ignore[attr-defined]


def test_modules_below_cost_only_themselves(heavy: str):
    from heavy import OTHER, part

    assert (part.VALUE, OTHER) == (5, 6)
    assert ran() == 0


@pytest.mark.parametrize("name", ["VALUE", "__version__"])
def test_any_other_name_runs_the_package_once(heavy: str, name: str):
    import heavy as package

    assert getattr(package, name)
    assert package.other.OTHER == package.OTHER == 6
    with pytest.raises(AttributeError, match="never_there"):
        _ = package.never_there
    assert ran() == 1


def test_whoever_takes_all_names_gets_them(heavy: str):
    names: dict[str, object] = {}
    exec("from heavy import *", names)
    assert names["VALUE"] == 5
    assert ran() == 1


def test_what_python_looks_for_everywhere_runs_nothing(heavy: str):
    import heavy as package

    assert not hasattr(package, "__wrapped__")
    assert ran() == 0


def test_a_package_that_is_imported_already_stays_as_it_is(monkeypatch: pytest.MonkeyPatch):
    import json

    monkeypatch.setattr(light_imports, "POSTPONED", {"json": {}})
    light_imports.postpone()
    assert sys.modules["json"] is json
    assert json.dumps(1) == "1"


@pytest.mark.slow
@pytest.mark.extended
def test_executors_of_tfx_find_the_messages_that_its_components_put_into_tfma():
    script = """
        from pipeline import light_imports
        light_imports.postpone()
        from google.protobuf import wrappers_pb2  # TFMA 0.48 relies on it
        import tensorflow_model_analysis as tfma
        from tensorflow_model_analysis.proto import config_pb2
        assert tfma.EvalConfig is config_pb2.EvalConfig
        assert "tensorflow_model_analysis.metrics" not in sys.modules
        assert tfma.metrics and tfma.EvalConfig is config_pb2.EvalConfig
        assert tfma.run_model_analysis and tfma.MetricConfig is config_pb2.MetricConfig
        assert "tfx.components.evaluator" not in sys.modules
    """
    ended = subprocess.run(
        [sys.executable, "-c", "import sys\n" + textwrap.dedent(script)],
        cwd=REPOSITORY,
        env={**os.environ, "TF_USE_LEGACY_KERAS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_no_garbage_is_looked_for_while_modules_are_imported():
    before = gc.get_freeze_count()
    with light_imports.for_good():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > before
    with pytest.raises(ModuleNotFoundError), light_imports.for_good():
        import never_there  # noqa: F401
    assert gc.isenabled()


@pytest.mark.slow
def test_no_step_imports_what_another_needs():
    code = (
        "from pipeline import light_imports; light_imports.postpone(); import sys; "
        "light_imports.import_tensorflow(); "
        "import components.pusher.executor, components.serving_check.executor; "
        "from pipeline.kubeflow.entry import execution, file_driver; "
        "heavy = 'apache_beam tensorflow_transform nltk sklearn IPython.core tf_keras keras'; "
        "heavy += ' pandas'; "
        "print([name for name in heavy.split() if name in sys.modules]); "
        "import tensorflow as tf; print(tf.keras.optimizers.SGD.__module__.split('.')[0])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=REPOSITORY,
        env={**os.environ, "TF_USE_LEGACY_KERAS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    # Who asks for Keras gets it.
    assert done.stdout.split() == ["[]", "tf_keras"]
