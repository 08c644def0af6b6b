from __future__ import annotations

import functools
import hashlib
import http.server
import logging
import os
import re
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.example_gen.spans import SpanError
from pipeline.data.dataset import Dataset, DatasetError, find_dataset, find_spans, image_pairs
from pipeline.files.download import DownloadError
from pipeline.sections.data import OriginSettings
from tests.fashion_mnist import SAMPLE, SETTINGS
from tests.there import there

NOWHERE = "http://127.0.0.1:1"
ORIGIN, SAMPLE_SETTINGS = there(SETTINGS.data.origin), SETTINGS.data.sample
FILES = list(ORIGIN.sha256)


@pytest.fixture(autouse=True)
def _no_apt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without apt on the PATH nothing here can leave this machine."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_text(f"content of {name}")
    return folder


@pytest.fixture
def digests(files: Path) -> dict[str, str]:
    return {name: hashlib.sha256((files / name).read_bytes()).hexdigest() for name in FILES}


class Server(http.server.ThreadingHTTPServer):
    requested: list[str]
    """The paths that it was asked for."""


@pytest.fixture
def server(files: Path) -> Iterator[Server]:
    """Serves `files`."""
    requested: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            requested.append(self.path)

    handler = functools.partial(Handler, directory=str(files))
    with Server(("127.0.0.1", 0), handler) as server:
        server.requested = requested
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def find(
    tmp_path: Path,
    *,
    folder: Path | None = None,
    sha256: dict[str, str] | None = None,
    installed: Path | None = None,
    server: Server | None = None,
) -> Dataset:
    return find_dataset(
        folder,
        "auto",
        sha256 or {},
        lambda: tmp_path / "cache" / "fashion-mnist",
        origin=origin(
            installed=installed or tmp_path / "not-installed",
            url=f"http://127.0.0.1:{server.server_address[1]}" if server else NOWHERE,
        ),
        sample=SAMPLE_SETTINGS,
    )


def origin(**update: object) -> OriginSettings:
    return ORIGIN.model_copy(update=update)


class TestConfiguredFolder:
    def test_it_is_taken_whatever_it_holds(self, tmp_path: Path, files: Path):
        assert find(tmp_path, folder=files) == Dataset(files, "folder")

    def test_plain_files_will_do(self, tmp_path: Path, files: Path):
        for name in FILES:
            (files / name).rename(files / name.removesuffix(".gz"))
        assert find(tmp_path, folder=files) == Dataset(files, "folder")

    def test_digests_are_verified(self, tmp_path: Path, files: Path, digests: dict[str, str]):
        upper_case = {name: digest.upper() for name, digest in digests.items()}
        assert find(tmp_path, folder=files, sha256=upper_case).source == "folder"
        with pytest.raises(DatasetError, match=f"{FILES[1]} has sha256 .*, not {'0' * 64}"):
            find(tmp_path, folder=files, sha256={**digests, FILES[1]: "0" * 64})

    @pytest.mark.parametrize("name", FILES)
    def test_a_missing_file_is_an_error_even_if_there_are_other_sources(
        self, tmp_path: Path, files: Path, name: str
    ):
        installed = shutil.copytree(files, tmp_path / "installed")
        (files / name).unlink()
        with pytest.raises(DatasetError, match=f"data.folder = {files} lacks {name}"):
            find(tmp_path, folder=files, installed=installed)

    def test_a_digest_for_a_file_that_is_not_there_is_an_error(self, tmp_path: Path, files: Path):
        with pytest.raises(DatasetError, match=r"typo\.gz is missing, but has to have"):
            find(tmp_path, folder=files, sha256={"typo.gz": "0" * 64})

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_an_unreadable_file_is_an_error(self, tmp_path: Path, files: Path):
        (files / FILES[0]).chmod(0)
        with pytest.raises(DatasetError, match="may not be read"):
            find(tmp_path, folder=files)


class TestAuto:
    def test_the_installed_package_comes_before_a_download(
        self,
        tmp_path: Path,
        files: Path,
        digests: dict[str, str],
        server: Server,
    ):
        found = find(tmp_path, sha256=digests, installed=files, server=server)
        assert found == Dataset(files, "debian")
        assert server.requested == []

    def test_an_installed_package_that_differs_is_passed_over(
        self,
        tmp_path: Path,
        files: Path,
        digests: dict[str, str],
        server: Server,
    ):
        installed = shutil.copytree(files, tmp_path / "installed")
        (installed / FILES[0]).write_text("other")
        found = find(tmp_path, sha256=digests, installed=installed, server=server)
        assert found == Dataset(tmp_path / "cache" / "fashion-mnist", "download")

    def test_a_download_is_verified_and_kept(
        self,
        tmp_path: Path,
        files: Path,
        digests: dict[str, str],
        server: Server,
    ):
        first = find(tmp_path, sha256=digests, server=server)
        second = find(tmp_path, sha256=digests, server=server)
        assert first == second == Dataset(tmp_path / "cache" / "fashion-mnist", "download")
        assert server.requested == [f"/{name}" for name in FILES]
        assert {p.name: p.read_bytes() for p in first.folder.iterdir()} == {
            p.name: p.read_bytes() for p in files.iterdir()
        }
        assert [p.name for p in first.folder.parent.iterdir()] == ["fashion-mnist"]

    def test_only_what_is_damaged_in_the_cache_is_fetched_again(
        self, tmp_path: Path, digests: dict[str, str], server: Server
    ):
        cached = find(tmp_path, sha256=digests, server=server).folder
        (cached / FILES[2]).write_text("damaged")
        (cached / FILES[3]).unlink()
        server.requested.clear()
        assert find(tmp_path, sha256=digests, server=server).folder == cached
        assert server.requested == [f"/{FILES[2]}", f"/{FILES[3]}"]

    def test_a_wrong_download_is_not_kept(
        self,
        tmp_path: Path,
        files: Path,
        digests: dict[str, str],
        server: Server,
    ):
        (files / FILES[3]).write_text("changed on its way")
        with pytest.raises(DatasetError, match=f"the downloaded {FILES[3]} has another sha256"):
            find(tmp_path, sha256=digests, server=server)
        assert list((tmp_path / "cache").rglob("*.gz")) == []

    def test_callers_at_once_do_not_clash(
        self, tmp_path: Path, digests: dict[str, str], server: Server
    ):
        with ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(find, tmp_path, sha256=digests, server=server) for _ in range(16)]
        assert {call.result() for call in calls} == {
            Dataset(tmp_path / "cache" / "fashion-mnist", "download")
        }

    def test_a_digest_of_an_unknown_file_is_an_error(self, tmp_path: Path):
        with pytest.raises(DatasetError, match=r"data\.sha256 names train\.gz, but"):
            find(tmp_path, sha256={"train.gz": "0" * 64})


class TestWithoutOrigin:
    def test_a_folder_is_needed(self, tmp_path: Path):
        with pytest.raises(DatasetError, match=r"^data\.folder is missing: name the folder"):
            find_dataset(None, "auto", {}, Path, origin=None, sample=None)

    def test_nothing_stands_in_for_data_that_cannot_be_had(self, tmp_path: Path):
        nowhere = origin(installed=None, package=None, url=None)
        with pytest.raises(DatasetError, match="names nothing to download them from"):
            find_dataset(None, "auto", {}, lambda: tmp_path, origin=nowhere, sample=None)

    def test_coloured_images_have_another_file_name(self, tmp_path: Path, files: Path):
        for name in FILES:
            (files / name).rename(files / name.replace("idx3", "idx4"))
        found = find_dataset(files, "auto", {}, Path, origin=None, sample=None)
        assert found == Dataset(files, "folder")
        assert image_pairs(files, None, None)["test"].images.endswith("t10k-images-idx4-ubyte.gz")


class TestSample:
    def test_it_is_taken_on_demand(self, tmp_path: Path, files: Path):
        assert find_dataset(
            files, "sample", {}, Path, origin=None, sample=SAMPLE_SETTINGS
        ) == Dataset(SAMPLE, "sample")

    def test_it_is_the_last_resort_and_says_why(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ):
        assert find(tmp_path) == Dataset(SAMPLE, "sample")
        warning = caplog.records[-1]
        assert (warning.name, warning.levelno) == ("progress", logging.WARNING)
        assert "no apt-get and dpkg here; cannot download http://127.0.0.1:1" in warning.message
        assert "bundled sample" in warning.message

    def test_it_is_refused_where_certain_files_are_asked_for(
        self, tmp_path: Path, digests: dict[str, str]
    ):
        with pytest.raises(
            DatasetError, match=r"No data set has the digests in data.sha256: there"
        ):
            find(tmp_path, sha256=digests)

    def test_it_is_below_a_megabyte_and_brings_its_licence(self):
        assert sum(p.stat().st_size for p in SAMPLE.iterdir()) < 1_000_000
        assert "The MIT License" in (SAMPLE / "README.md").read_text()


@pytest.mark.slow
@pytest.mark.extended
def test_the_official_files_come_from_debian_without_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    installed = there(ORIGIN.installed)
    if installed.is_dir():
        pytest.skip("the package is installed here, so nothing is fetched")
    monkeypatch.setenv("PATH", os.defpath)
    try:
        # Where the package installs to is also where its files lie in it.
        found = find(tmp_path, sha256=ORIGIN.sha256, installed=installed)
    except DatasetError as error:
        if "no apt-get" in str(error) or re.search("apt-get .* (failed|took longer)", str(error)):
            pytest.skip(str(error))
        raise
    assert found == Dataset(tmp_path / "cache" / "fashion-mnist", "download")
    assert sum(p.stat().st_size for p in found.folder.iterdir()) > 30_000_000


def test_spans_are_looked_for_before_anything_runs(tmp_path: Path, files: Path):
    spans_folder = tmp_path / "in"
    shutil.copytree(files, spans_folder / "span-4")
    assert find_spans(spans_folder, "span-{SPAN}", None) == Dataset(spans_folder, "folder")
    with pytest.raises(SpanError, match=r"data\.span = 5 is not there: .* has span 4"):
        find_spans(spans_folder, "span-{SPAN}", 5)
    (spans_folder / "span-5").mkdir()
    with pytest.raises(SpanError, match=r"Span 5 in .* has no files for test, train; add"):
        find_spans(spans_folder, "span-{SPAN}", None)
    shutil.copy(files / FILES[0], spans_folder / "span-5")
    with pytest.raises(SpanError, match=r"Span 5 in .* has no files for test"):
        find_spans(spans_folder, "span-{SPAN}", None)


@pytest.mark.parametrize(
    ("folder", "said"),
    [(None, "data.pattern needs data.folder"), (Path("/not/there"), "/not/there is no folder")],
)
def test_spans_need_a_folder(folder: Path | None, said: str):
    with pytest.raises(DatasetError, match=said):
        find_spans(folder, "span-{SPAN}", None)


def test_without_a_folder_for_downloads_the_sample_says_what_to_set(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    def no_cache() -> Path:
        raise DownloadError("there is no folder for downloads: set XDG_CACHE_HOME")

    nowhere = origin(installed=tmp_path / "none", url=NOWHERE)
    found = find_dataset(None, "auto", {}, no_cache, origin=nowhere, sample=SAMPLE_SETTINGS)
    assert found.source == "sample"
    assert "set XDG_CACHE_HOME" in caplog.text


def test_a_cache_that_cannot_be_made_says_what_to_set(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "file").touch()
    cache = tmp_path / "file" / "cache"
    nowhere = origin(installed=tmp_path / "none", url=NOWHERE)
    found = find_dataset(None, "auto", {}, lambda: cache, origin=nowhere, sample=SAMPLE_SETTINGS)
    assert found.source == "sample"
    assert f"{cache} cannot be made (Not a directory): set XDG_CACHE_HOME" in (caplog.text)


@pytest.mark.parametrize("name", ["data [1]", "st*r", "back\\slash", "{SPAN}"])
def test_the_files_of_a_folder_are_those_in_it(tmp_path: Path, files: Path, name: str):
    for neighbour in ("data 1", "star", "backslash", "7"):
        shutil.copytree(files, tmp_path / neighbour / "span-2")
        shutil.copytree(files, tmp_path / neighbour, dirs_exist_ok=True)
    shutil.copytree(files, tmp_path / name / "span-1")
    shutil.copytree(files, tmp_path / name, dirs_exist_ok=True)
    plain = image_pairs(tmp_path / name, None, None)
    assert plain["train"].images == str(tmp_path / name / FILES[0])
    spans = image_pairs(tmp_path / name, "span-{SPAN}", None)
    assert spans["test"].labels == str(tmp_path / name / "span-1" / FILES[3])
