"""The options for Beam."""

from pipeline.beam import beam_pipeline_args
from pipeline.settings import REPOSITORY


def test_workers_install_this_project():
    assert beam_pipeline_args(["--runner=DirectRunner"]) == [
        "--runner=DirectRunner",
        f"--setup_file={REPOSITORY / 'setup.py'}",
    ]


def test_an_image_or_package_of_the_users_own_is_left_alone():
    args = ["--sdk_container_image=example.com/tfx:1"]
    assert beam_pipeline_args(args) == args
