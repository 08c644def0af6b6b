"""The candidate in a base path of its own."""

import errno
import os
import resource
import shutil
import subprocess
import tempfile

import pytest
from tensorflow.core.protobuf import saved_model_pb2

from components.serving_check.candidate import base_path_for, read_signatures
from components.serving_check.checks.signatures import judge
from components.serving_check.control import MachineError
from tests.components.serving_check.bench import save_model
from tests.fashion_mnist import CHECK_OPTIONS


def test_the_base_path_holds_the_candidate_as_version_1_and_goes_away(tmp_path):
    model = tmp_path / "Format-Serving"
    (model / "variables").mkdir(parents=True)
    (model / "variables" / "variables.index").write_bytes(b"index")
    with base_path_for(str(model), "small") as base_path:
        assert base_path.name == "small"
        assert os.listdir(base_path) == ["1"]
        copied = base_path / "1" / "variables" / "variables.index"
        assert copied.read_bytes() == b"index"
    assert not base_path.parent.exists()
    assert (model / "variables" / "variables.index").exists()


def test_links_are_served_as_the_files_that_they_lead_to(tmp_path):
    """What is judged is what a push would take, whoever moves a link meanwhile."""
    model, stored = tmp_path / "Format-Serving", tmp_path / "stored"
    (stored / "variables").mkdir(parents=True)
    (stored / "variables" / "index").write_bytes(b"index")
    (stored / "graph").write_bytes(b"graph")
    model.mkdir()
    (model / "saved_model.pb").symlink_to("../stored/graph")
    (model / "again.pb").symlink_to("saved_model.pb")
    (model / "variables").symlink_to(stored / "variables")
    with base_path_for(str(model), "small") as base_path:
        (model / "saved_model.pb").unlink()
        served = base_path / "1"
        assert not [path for path in served.rglob("*") if path.is_symlink()]
        assert (served / "saved_model.pb").read_bytes() == b"graph"
        assert (served / "again.pb").read_bytes() == b"graph"
        assert (served / "variables" / "index").read_bytes() == b"index"
    assert (stored / "variables" / "index").exists()


def test_what_cannot_be_copied_is_said_by_the_system_itself(tmp_path):
    """Not in a list of texts: a full disk is told from a server that is silent by its number."""
    model = tmp_path / "Format-Serving"
    (model / "variables").mkdir(parents=True)
    (model / "variables" / "index").symlink_to("nothing")
    with pytest.raises(FileNotFoundError) as raised, base_path_for(str(model), "small"):
        pass
    assert raised.value.errno == errno.ENOENT


def test_a_full_disk_is_the_machines_fault(tmp_path, monkeypatch):
    """On one of its own, which no hard link leads to."""
    disk, model = tmp_path / "disk", tmp_path / "Format-Serving"
    disk.mkdir()
    (model / "variables").mkdir(parents=True)
    (model / "variables" / "data").write_bytes(bytes(1_000_000))
    mounting = ["mount", "-t", "tmpfs", "-o", "size=320k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mounting, check=False).returncode:
        pytest.skip("only root mounts a disk")
    try:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with pytest.raises(MachineError, match="No space left"), base_path_for(str(model), "m"):
            pass
        assert [*disk.iterdir()] == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.medium
def test_signatures_are_read_in_the_form_that_a_server_reports(tmp_path):
    save_model(tmp_path / "good")
    save_model(tmp_path / "bad", without="examples")
    assert judge(read_signatures(tmp_path / "good"), CHECK_OPTIONS)[0].ok
    assert (
        judge(read_signatures(tmp_path / "bad"), CHECK_OPTIONS)[0].found == "no signature examples"
    )


def test_nothing_is_known_of_a_file_that_cannot_be_parsed(tmp_path):
    assert read_signatures(tmp_path) == {}
    (tmp_path / "saved_model.pb").write_bytes(b"no protobuf")
    assert read_signatures(tmp_path) == {}


def test_a_file_that_this_machine_cannot_read_is_not_taken_for_one_without_signatures(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            read_signatures(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    (tmp_path / "saved_model.pb").write_bytes(b"\xff\xff\xff")
    assert read_signatures(tmp_path) == {}


@pytest.mark.medium
@pytest.mark.parametrize("tags", [["serve", "gpu"], ["train"], []])
def test_the_graph_that_servers_take_has_the_tag_for_serving_and_no_other(tmp_path, tags):
    save_model(tmp_path)
    file = tmp_path / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    other = saved.meta_graphs.add()
    other.CopyFrom(saved.meta_graphs[0])
    saved.meta_graphs[0].meta_info_def.tags[:] = tags
    saved.meta_graphs[0].signature_def.clear()
    file.write_bytes(saved.SerializeToString())
    assert set(read_signatures(tmp_path)) == set(CHECK_OPTIONS.signatures)
