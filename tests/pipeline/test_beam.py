"""The options for Beam."""

import tarfile
from pathlib import Path

import pytest

from pipeline.beam import beam_pipeline_args
from pipeline.settings import REPOSITORY


def test_workers_install_this_project():
    assert beam_pipeline_args(["--runner=DirectRunner"]) == [
        "--runner=DirectRunner",
        f"--setup_file={REPOSITORY / 'setup.py'}",
    ]


@pytest.mark.medium
def test_workers_elsewhere_get_it_as_a_package_and_the_checkout_stays_as_it_is():
    before = {path.name for path in REPOSITORY.iterdir()}
    *args, package = beam_pipeline_args(["--runner=PortableRunner"])
    assert args == ["--runner=PortableRunner"]
    option, _, path = package.partition("=")
    assert option == "--extra_package"
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"setup.py", "components/example_gen/executor.py", "pipeline/beam.py"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]
    assert {path.name for path in REPOSITORY.iterdir()} == before


def test_a_cluster_has_the_project_in_its_image(tmp_path: Path):
    args = beam_pipeline_args(["--runner=PortableRunner"], tmp_path, is_here=False)
    assert args[1:] == [f"--setup_file={REPOSITORY / 'setup.py'}"]


def test_an_image_or_package_of_the_users_own_is_left_alone():
    args = ["--sdk_container_image=example.com/tfx:1"]
    assert beam_pipeline_args(args) == args
