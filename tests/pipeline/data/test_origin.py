"""Data of other formats than IDX that lie in packages, in archives and at addresses."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import io
import tarfile
from pathlib import Path

import pytest

from pipeline.data.dataset import Dataset, DatasetError
from pipeline.preflight import preflight
from pipeline.settings import Settings, SettingsError, load_settings

SETTINGS = """
name: trips
features: {fare: {kind: number}}
label: {name: tip, kind: classes, values: ["no", "yes"]}
data: {format: csv, origin: ORIGIN}
evaluation: {metrics: [{metric: SparseCategoricalAccuracy, overall: {min: 0.5}}]}
"""
TABLE = b"tip,fare\nno,1\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed package that cannot even be imported."""
    folder = tmp_path / "site" / "some_package"
    (folder / "data").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    importlib.invalidate_caches()
    return folder


def settings(folder: Path, origin: str, *overrides: str) -> Settings:
    config = folder / "trips.yaml"
    config.write_text(SETTINGS.replace("ORIGIN", origin))
    return load_settings(config, overrides)


def pinned(name: str, content: bytes) -> str:
    return f"sha256: {{{name}: {hashlib.sha256(content).hexdigest()}}}"


def check(found: Settings) -> Dataset:
    dataset = preflight.gather_data(found)
    preflight.check_data(found, dataset)
    return dataset


def test_a_file_of_a_package_is_read_where_it_lies(tmp_path: Path, package: Path):
    (package / "data" / "t.csv").write_bytes(TABLE)
    origin = f"{{module: some_package, files: [data/t.csv], {pinned('t.csv', TABLE)}}}"
    found = settings(tmp_path, origin)
    assert check(found) == Dataset(package / "data", "package")
    assert found.data.place == ("", "t.csv")
    assert not (tmp_path / "cache").exists()
    own = tmp_path / "own.csv"
    own.write_bytes(TABLE)
    mine = settings(tmp_path, origin, f"data.files={own}", "data.origin=null")
    assert check(mine).folder == tmp_path


def test_what_is_packed_is_unpacked_into_the_cache(tmp_path: Path, package: Path):
    packed = gzip.compress(TABLE)
    (package / "data" / "t.csv.gz").write_bytes(packed)
    origin = f"{{module: some_package, files: [data/t.csv.gz], {pinned('t.csv.gz', packed)}}}"
    folder = tmp_path / "cache" / "tfx-pipeline" / "trips" / "files"
    (folder).mkdir(parents=True)
    (folder / "left from before.csv").write_bytes(b"x")
    (folder / "t.csv").write_bytes(b"damaged")
    assert check(settings(tmp_path, origin)) == Dataset(folder, "package")
    assert [(file.name, file.read_bytes()) for file in folder.iterdir()] == [("t.csv", TABLE)]


def test_several_files_of_an_archive_are_one_data_set(tmp_path: Path, package: Path):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as made:
        for name in ("a.csv", "b.csv", "c.csv"):
            info = tarfile.TarInfo(f"p/{name}")
            info.size = len(TABLE)
            made.addfile(info, io.BytesIO(TABLE))
    (package / "p.tgz").write_bytes(file.getvalue())
    origin = (
        "{module: some_package, files: [p.tgz/p/a.csv, p.tgz/p/c.csv],"
        f" {pinned('p.tgz', file.getvalue())}}}"
    )
    found = settings(tmp_path, origin)
    assert sorted(path.name for path in check(found).folder.iterdir()) == ["a.csv", "c.csv"]
    assert found.data.place == ("", "*")


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (
            f"{{module: some_package, files: [data/t.csv], {pinned('t.csv', b'other')}}}",
            "The data of data.origin cannot be had: .*t.csv has sha256 .*; reinstall some_package;"
            " data.origin names nothing to download them from. Put them in a folder",
        ),
        (
            f"{{module: no_package_at_all, files: [t.csv], {pinned('t.csv', TABLE)}}}",
            "cannot be had: data.origin names nothing to download",
        ),
        (
            f"{{module: no_such, url: 'http://127.0.0.1:1/x', files: [t.csv],"
            f" {pinned('t.csv', TABLE)}}}",
            "cannot be had: cannot download http://127.0.0.1:1/x/t.csv",
        ),
    ],
)
def test_what_cannot_be_had_is_told(tmp_path: Path, package: Path, origin: str, said: str):
    (package / "data" / "t.csv").write_bytes(TABLE)
    with pytest.raises(DatasetError, match=said):
        check(settings(tmp_path, origin))


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("{module: some_package, sha256: {t.csv: a}}", "data.origin needs files"),
        ("{module: a.b, files: [t.csv], sha256: {t.csv: a}}", "`data.origin.module` = 'a.b'"),
        ("{module: a, files: [../t.csv], sha256: {t.csv: a}}", "must be a relative path"),
        ("{module: a, files: [/t.csv], sha256: {t.csv: a}}", "must be a relative path"),
        ("{module: a, files: [a.zip/t.csv], sha256: {t.csv: a}}", "sha256 lacks a.zip"),
        ("{module: a, files: [b/t.csv, t.csv], sha256: {t.csv: a}}", "two of files have one name"),
        ("{module: a, files: [t.csv], sha256: {t.csv: a}}, files: /t.csv", "name two data sets"),
    ],
)
def test_origins_that_make_no_sense_are_refused(tmp_path: Path, origin: str, said: str):
    with pytest.raises(SettingsError, match=said):
        settings(tmp_path, origin)
