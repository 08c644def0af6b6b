from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.manifest import Manifest
from documents.provenance import Provenance
from documents.saved_model import WARM_UP
from serving.base_path.content import MANIFEST, PROVENANCE, content_digest
from serving.base_path.errors import BasePathError, PublishError
from serving.base_path.ledger import read_ledger
from serving.base_path.version_number import HIGHEST
from serving.base_path.versions import (
    Version,
    list_versions,
    live_version,
    provenance_of,
    publish,
    version_digest,
)
from serving.base_path.withdrawal import prune, rollback

REPOSITORY = Path(__file__).parents[3]
NOBODY = 65534


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_model(tmp_path / "model")


def make_model(folder: Path, weights: bytes = b"weights") -> Path:
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables/variables.index").write_bytes(b"index")
    (folder / "variables/variables.data-00000-of-00001").write_bytes(weights)
    return folder


def visible(base: Path) -> list[str]:
    return sorted(name for name in os.listdir(base) if not name.startswith("."))


def staging(base: Path) -> list[str]:
    return [name for name in os.listdir(base) if name.startswith(".staging-")]


def test_a_published_version_is_live_and_holds_the_model_and_the_extra_files(
    model: Path, tmp_path: Path
) -> None:
    base = tmp_path / "deep/base"
    before = int(time.time())
    version = publish(
        model,
        base,
        extra_files=lambda number: {PROVENANCE: json.dumps({"version": number}).encode()},
    )
    assert before <= version.number <= time.time()
    assert version.path == str(base / str(version.number))
    assert live_version(base) == version
    assert version_digest(version) == content_digest(model)
    assert provenance_of(version.path) == Provenance(version=version.number)
    assert staging(base) == []


def test_a_manifest_of_the_model_is_left_behind(model: Path, tmp_path: Path) -> None:
    """It would tell of these files in an object store that the base path is copied to."""
    planted = model / MANIFEST
    planted.parent.mkdir()
    planted.write_bytes(Manifest(files={"saved_model.pb": "0" * 64}).encode())
    (model / WARM_UP).write_bytes(b"requests")
    version = publish(model, tmp_path / "base")
    assert sorted(os.listdir(Path(version.path) / "assets.extra")) == [Path(WARM_UP).name]
    assert content_digest(version.path) == content_digest(model)


def test_extra_files_take_the_place_of_files_in_the_model(model: Path, tmp_path: Path) -> None:
    (model / "assets.extra").mkdir()
    (model / WARM_UP).write_bytes(b"old")
    kept = publish(model, tmp_path / "base")
    replaced = publish(model, tmp_path / "base", extra_files={WARM_UP: b"new"})
    assert Path(kept.path, WARM_UP).read_bytes() == b"old"
    assert Path(replaced.path, WARM_UP).read_bytes() == b"new"


def test_other_users_may_read_what_was_published(model: Path, tmp_path: Path) -> None:
    version = publish(model, tmp_path / "base")
    assert Path(version.path).stat().st_mode & 0o777 == (tmp_path / "base").stat().st_mode & 0o777


def test_each_publish_is_recorded_in_the_ledger(model: Path, tmp_path: Path) -> None:
    for number in (5, 9, 7):
        publish(model, tmp_path / "base", version=number)
    entries = read_ledger(tmp_path / "base")
    assert [(entry.action, entry.version) for entry in entries] == [
        ("publish", number) for number in (5, 9, 7)
    ]
    assert [(entry.live_before, entry.live_after) for entry in entries] == [
        (None, 5),
        (5, 9),
        (9, 9),
    ]
    assert {entry.content_digest for entry in entries} == {content_digest(model)}


@pytest.mark.medium
@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.integers(0, 2**62).map(str), st.text("01ab-+. ", min_size=1, max_size=4)
        ).filter(lambda name: name.strip(". ")),
        max_size=5,
        unique=True,
    ),
    st.randoms(use_true_random=False),
)
def test_a_new_version_is_higher_than_whatever_a_model_server_could_load(
    names: list[str], choose: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model, base = make_model(Path(folder, "model")), Path(folder, "base")
        for name in names:
            (base / name).mkdir(parents=True)
            if choose.random() < 0.5:
                (base / name / "saved_model.pb").touch()
        version = publish(model, base)
        assert all(int(name) < version.number for name in names if name.isdecimal())
        assert live_version(base) == version


def test_only_complete_versions_are_listed(model: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    publish(model, base, version=9)
    publish(model, base, version=10)
    shutil.copytree(model, base / "model")
    shutil.copytree(model, base / ".staging-11-0")
    shutil.copytree(model, base / str(2**63))
    (base / "12").mkdir()
    (base / "13").touch()
    assert list_versions(base) == [Version(9, str(base / "9")), Version(10, str(base / "10"))]


def test_a_missing_base_path_has_no_versions(tmp_path: Path) -> None:
    assert list_versions(tmp_path / "none") == []
    assert live_version(tmp_path / "none") is None


def test_a_version_number_is_never_published_twice(model: Path, tmp_path: Path) -> None:
    publish(model, tmp_path / "base", version=7)
    with pytest.raises(PublishError, match="already has a version 7"):
        publish(model, tmp_path / "base", version=7)
    assert staging(tmp_path / "base") == []


def test_the_number_of_a_pruned_version_is_not_used_again_when_a_clock_is_put_back(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, found = tmp_path / "base", []
    for clock in (9_000, 9_000, 5_000):
        monkeypatch.setattr(time, "time", lambda clock=clock: clock)
        found.append(publish(model, base).number)
        if len(found) > 1:
            rollback(base, reason="bad")
            prune(base, 1, withdrawn=True)
    assert found == [9_000, 9_001, 9_002]
    assert [version.number for version in list_versions(base)] == [9_000]


def test_the_highest_of_all_numbers_can_be_left(model: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    publish(model, base)
    publish(model, base, version=HIGHEST)
    with pytest.raises(PublishError, match=f"holds version {HIGHEST}, and model servers know no"):
        publish(model, base)
    rollback(base, reason="mistyped")
    prune(base, 1, withdrawn=True)
    assert publish(model, base).number <= time.time() + 1


@pytest.mark.parametrize("content", [None, b"{", b"\xff"])
def test_a_version_without_readable_provenance_has_none(
    model: Path, tmp_path: Path, content: bytes | None
) -> None:
    version = publish(model, tmp_path, extra_files={PROVENANCE: content} if content else {})
    assert provenance_of(version.path) is None


def test_publishers_take_turns(tmp_path: Path) -> None:
    models = [make_model(tmp_path / f"model-{i}", weights=bytes([i])) for i in range(8)]
    base = tmp_path / "base"
    with ThreadPoolExecutor(4) as pool:
        published = list(pool.map(lambda model: publish(model, base), models))
    assert sorted(published) == list_versions(base)
    assert [version_digest(version) for version in published] == [
        content_digest(model) for model in models
    ]


class TestErrors:
    def test_source_without_a_saved_model(self, tmp_path: Path) -> None:
        with pytest.raises(PublishError, match=r"holds no saved_model\.pb"):
            publish(tmp_path / "nothing", tmp_path / "base")
        assert not (tmp_path / "base").exists()

    @pytest.mark.parametrize("below", ["", "deep/base"])
    def test_base_path_is_a_file(self, model: Path, tmp_path: Path, below: str) -> None:
        (tmp_path / "file").write_text("precious")
        base = tmp_path / "file" / below
        with pytest.raises(PublishError, match=r"not a folder but a file.*push\.base_path"):
            publish(model, base)
        with pytest.raises(BasePathError, match="not a folder but a file"):
            list_versions(base)
        assert (tmp_path / "file").read_text() == "precious"

    @pytest.mark.parametrize("below", ["", "deep/base"])
    def test_base_path_is_a_link_to_what_is_gone(
        self, model: Path, tmp_path: Path, below: str
    ) -> None:
        link = tmp_path / "link"
        link.symlink_to(tmp_path / "disk")
        said = f"{link} is a link to {tmp_path / 'disk'}, which is not there; .*push.base_path"
        with pytest.raises(PublishError, match=said):
            publish(model, link / below)
        assert link.is_symlink()
        (tmp_path / "disk").mkdir()
        publish(model, link / below)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
    def test_base_path_of_another_user(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            model, base = make_model(Path(folder, "model")), Path(folder, "base")
            base.mkdir()
            os.seteuid(NOBODY)
            try:
                with pytest.raises(PublishError, match="may not be used by this user"):
                    publish(model, base)
            finally:
                os.seteuid(0)
            assert os.listdir(base) == []

    def test_another_publisher_that_does_not_end(
        self, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("serving.base_path.journal.LOCK_SECONDS", 0.1)
        with (
            filelock.FileLock(tmp_path / ".publish.lock"),
            ThreadPoolExecutor(1) as other,
            pytest.raises(PublishError, match="locked by another process"),
        ):
            other.submit(publish, model, tmp_path).result()

    @pytest.mark.medium
    def test_disk_full_in_the_base_path(self, tmp_path: Path) -> None:
        make_model(tmp_path / "model", weights=bytes(100_000))
        make_model(tmp_path / "small", weights=b"small")
        output = in_mount(tmp_path, "size=64k", FULL_DISK).stdout
        assert "has no space left on its disk; free some or set push.base_path" in output
        assert "versions: 1, staged: 0" in output

    @pytest.mark.medium
    def test_read_only_base_path(self, model: Path, tmp_path: Path) -> None:
        output = in_mount(tmp_path, "ro", READ_ONLY).stdout
        assert "Base path base is on a read-only file system" in output

    def test_a_model_that_changes_meanwhile_is_not_published(
        self, model: Path, tmp_path: Path
    ) -> None:
        def overwrite(number: int) -> dict[str, bytes]:
            (model / "variables/variables.index").write_bytes(b"other")
            return {}

        with pytest.raises(PublishError, match=r"copy of variables/variables\.index differs"):
            publish(model, tmp_path / "base", extra_files=overwrite)
        assert visible(tmp_path / "base") == staging(tmp_path / "base") == []

    def test_an_error_in_making_the_extra_files_leaves_nothing(
        self, model: Path, tmp_path: Path
    ) -> None:
        def fail(number: int) -> dict[str, bytes]:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            publish(model, tmp_path / "base", extra_files=fail)
        assert visible(tmp_path / "base") == staging(tmp_path / "base") == []


FULL_DISK = """
import os
from serving.base_path.versions import PublishError, list_versions, publish
publish("small", "base")
try:
    publish("model", "base")
except PublishError as error:
    print(error)
staged = sum(name.startswith(".staging") for name in os.listdir("base"))
print(f"versions: {len(list_versions('base'))}, staged: {staged}")
"""

READ_ONLY = """
from serving.base_path.versions import PublishError, publish
try:
    publish("model", "base")
except PublishError as error:
    print(error)
"""


def in_mount(folder: Path, options: str, script: str) -> subprocess.CompletedProcess[str]:
    """Runs `script` in `folder`, where `base` is a small disk of its own, in its own namespace."""
    (folder / "base").mkdir()
    mount = f"mount -t tmpfs -o {options} none base"
    enter = ["unshare", "-m" if os.geteuid() == 0 else "-Urm", "sh", "-c"]
    probe = subprocess.run([*enter, mount], cwd=folder, capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"cannot mount a small disk here: {probe.stderr.strip()}")
    return subprocess.run(
        [*enter, f'{mount} && exec "$0" -c "$1"', sys.executable, script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=True,
        text=True,
    )


class TestKilledPublisher:
    """Whatever a publisher was doing when it died, no version is ever incomplete."""

    @pytest.mark.medium
    def test_at_every_step(self, model: Path, tmp_path: Path) -> None:
        """Dies before the first step that touches the base path, before the second, and so on."""
        other = make_model(tmp_path / "other", weights=b"other")
        whole = {content_digest(model), content_digest(other)}
        subprocess.run(
            [sys.executable, "-c", DIE_AT_STEP, str(model), str(other), str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            check=True,
        )
        bases = sorted(tmp_path.glob("base-*"))
        assert len(bases) > 10
        assert sum(len(visible(base)) == 2 for base in bases) < len(bases) / 2
        for base in bases:
            assert {content_digest(base / name) for name in visible(base)} <= whole
            version = publish(other, base)
            assert live_version(base) == version
            assert version_digest(version) == content_digest(other)
            assert staging(base) == []

    @pytest.mark.slow
    @pytest.mark.extended
    def test_at_any_moment_while_somebody_watches(self, tmp_path: Path) -> None:
        model = make_model(tmp_path / "model", weights=bytes(3_000_000))
        whole, base = content_digest(model), tmp_path / "base"
        seen: set[str] = set()
        base.mkdir()
        choose = random.Random(20)
        deaths = 0
        # On a busy machine a dozen may die before they have published anything.
        while deaths < 12 or not visible(base):
            deaths += 1
            publisher = subprocess.Popen(
                [sys.executable, "-c", PUBLISH_FOR_EVER, str(model), str(base)],
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                stdout=subprocess.PIPE,
            )
            assert publisher.stdout
            # It has to be there before it can die in the middle of something.
            assert publisher.stdout.readline() == b"begins\n"
            deadline = time.monotonic() + choose.uniform(0, 0.4)
            while time.monotonic() < deadline:
                for name in set(visible(base)) - seen:
                    assert content_digest(base / name) == whole
                    seen.add(name)
            publisher.kill()
            publisher.communicate()
        assert {content_digest(base / name) for name in visible(base)} == {whole}
        publish(model, base)
        assert staging(base) == []


DIE_AT_STEP = """
import os, sys
from pathlib import Path
from serving.base_path.versions import publish

model, other, folder = sys.argv[1:]
STEPS = {"open", "os.mkdir", "os.rename", "os.listdir", "os.scandir", "os.rmdir", "os.remove"}

def die_before(step, base):
    left = step
    def count(event, args):
        nonlocal left
        if event in STEPS and args and base in str(args[0]):
            left -= 1
            if left < 0:
                os._exit(9)
    sys.addaudithook(count)

for step in range(200):
    base = os.path.join(folder, f"base-{step}")
    publish(model, base)
    child = os.fork()
    if child == 0:
        die_before(step, base)
        publish(other, base)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""

PUBLISH_FOR_EVER = """
import sys
from serving.base_path.versions import publish
print("begins", flush=True)
while True:
    publish(*sys.argv[1:])
"""
