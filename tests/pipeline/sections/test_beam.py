"""What the profiles of Beam become."""

import re
from typing import Any

import pydantic
import pytest
from apache_beam.options.pipeline_options import FlinkRunnerOptions

from pipeline.beam_options import check_options
from pipeline.sections.beam import HERE, BeamSettings
from pipeline.settings import REPOSITORY

POOL = {"job_endpoint": "jobs:8099", "environment": "external", "worker_pool": "10.0.0.7:50000"}
CLOUD = {"project": "my-project", "region": "europe-west1", "temp_location": "gs://bucket/temp"}


def arguments(**beam: Any) -> list[str]:
    found = BeamSettings.model_validate(beam).arguments
    if beam.get("profile") != "dataflow":  # its runner is not installed in every environment
        check_options(found)
    return found


def test_this_process_is_where_nodes_run_unless_told_otherwise():
    assert arguments() == [HERE]
    assert arguments(workers=3) == [
        HERE,
        "--direct_running_mode=multi_processing",
        "--direct_num_workers=3",
    ]


def test_a_runner_of_the_users_own_takes_the_place_of_the_local_one():
    assert arguments(args=["--runner=DirectRunner"]) == ["--runner=DirectRunner"]


def test_a_job_service_is_named_by_its_address_and_by_how_workers_come_to_be():
    assert arguments(profile="portable", workers=4, portable=POOL)[:5] == [
        "--runner=PortableRunner",
        "--job_endpoint=jobs:8099",
        "--environment_type=EXTERNAL",
        "--environment_config=10.0.0.7:50000",
        "--sdk_worker_parallelism=4",
    ]
    docker = {"job_endpoint": "jobs:8099", "image": "registry.example.com/workers:1"}
    assert "--environment_config=registry.example.com/workers:1" in arguments(
        profile="portable", portable=docker
    )
    program = {"job_endpoint": "jobs:8099", "environment": "process", "boot": "/opt/boot"}
    assert '--environment_config={"command": "/opt/boot"}' in arguments(
        profile="portable", portable=program
    )
    here = {"job_endpoint": "[::1]:8099", "environment": "loopback", "artifact_endpoint": "a:1"}
    found = arguments(profile="portable", portable=here)
    assert "--environment_type=LOOPBACK" in found
    assert "--artifact_endpoint=a:1" in found
    assert not any(argument.startswith("--environment_config") for argument in found)


def test_a_job_may_take_days():
    """Beam's own default takes a job for failed after a minute."""
    [limit] = [a for a in arguments(profile="portable", portable=POOL) if "server_timeout" in a]
    assert int(limit.partition("=")[2]) > 7 * 24 * 3600


def test_dataflow_gets_what_it_calls_by_other_names():
    settings = {
        **CLOUD,
        "image": "europe-docker.pkg.dev/p/r/workers:1",
        "machine_type": "n2-standard-4",
        "disk_gb": 50,
        "service_account": "runner@p.iam.gserviceaccount.com",
        "subnetwork": "regions/europe-west1/subnetworks/s",
        "public_ips": False,
    }
    assert arguments(profile="dataflow", workers=20, dataflow=settings, args=["--streaming"]) == [
        "--runner=DataflowRunner",
        "--project=my-project",
        "--region=europe-west1",
        "--temp_location=gs://bucket/temp",
        "--sdk_container_image=europe-docker.pkg.dev/p/r/workers:1",
        "--worker_machine_type=n2-standard-4",
        "--disk_size_gb=50",
        "--service_account_email=runner@p.iam.gserviceaccount.com",
        "--subnetwork=regions/europe-west1/subnetworks/s",
        "--max_num_workers=20",
        "--no_use_public_ips",
        "--streaming",
    ]
    # Beam's own parser knows each of them, though the runner may not be installed.
    check_options(
        [a for a in arguments(profile="dataflow", dataflow=settings) if "runner" not in a]
    )


def test_the_docs_name_a_job_server_that_beam_publishes():
    text = (REPOSITORY / "docs" / "scale.md").read_text(encoding="utf-8")
    named = set(re.findall(r"beam_flink([0-9.]+)_job_server", text))
    assert named
    assert named <= {*FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS}


@pytest.mark.parametrize(
    ("beam", "said"),
    [
        ({"profile": "portable"}, "profile portable needs `portable`"),
        ({"profile": "dataflow"}, "profile dataflow needs `dataflow`"),
        ({"portable": POOL}, "`portable` is of profile portable"),
        ({"profile": "portable", "portable": POOL, "dataflow": CLOUD}, "of profile dataflow"),
        (
            {"profile": "portable", "portable": POOL, "args": ["--runner=FlinkRunner"]},
            "args name a runner, which profile portable does",
        ),
        (
            {"profile": "portable", "portable": {"job_endpoint": "jobs:8099"}},
            "environment docker needs `image`",
        ),
        (
            {"profile": "portable", "portable": {**POOL, "image": "i"}},
            "`image` is of environment docker",
        ),
        (
            {"profile": "portable", "portable": {**POOL, "job_endpoint": "http://jobs:8099"}},
            "write HOST:PORT",
        ),
        ({"profile": "portable", "portable": {**POOL, "job_endpoint": "jobs"}}, "HOST:PORT"),
        ({"profile": "portable", "portable": {**POOL, "worker_pool": "p:99999"}}, "HOST:PORT"),
        ({"profile": "flink"}, "'local', 'portable' or 'dataflow'"),
        *(
            ({"profile": "dataflow", "dataflow": {**CLOUD, key: value}}, said)
            for key, value, said in (
                ("project", "My Project", "as in my-project, its id"),
                ("region", "europe-west1-b", "as in europe-west1, without a zone"),
                ("temp_location", "/tmp", "write gs://BUCKET/FOLDER"),
                ("temp_location", "gs://bucket", "write gs://BUCKET/FOLDER"),
                ("temp_location", "gs://Bucket/temp", "no bucket is called Bucket"),
                ("image", "Workers 1", "as in registry.example.com/workers:1"),
                ("machine_type", "large", "as in n2-standard-4"),
                ("service_account", "me", "as in workers@my-project.iam.gserviceaccount.com"),
                ("subnetwork", "s", "as in regions/europe-west1/subnetworks/NAME"),
            )
        ),
        (
            {
                "profile": "portable",
                "portable": {"job_endpoint": "j:1", "environment": "process", "boot": "boot"},
            },
            "as in /opt/boot",
        ),
        ({"profile": "portable", "portable": {**POOL, "job_endpoint": "jobs:0"}}, "HOST:PORT"),
        (
            {"profile": "portable", "portable": POOL, "args": ["--environment_type=DOCKER"]},
            "args give --environment_type, which the settings do",
        ),
        (
            {"profile": "dataflow", "dataflow": CLOUD, "args": ["--max_num_workers=3"]},
            "args give --max_num_workers, which the settings do",
        ),
        ({"workers": 2, "args": ["--direct_num_workers=7"]}, "args give --direct_num_workers"),
        ({"workers": 0}, "greater than or equal to 1"),
        ({"args": ["--runner=DaskRunner"]}, "loses data"),
    ],
)
def test_what_does_not_go_together_is_refused(beam: dict[str, Any], said: str):
    with pytest.raises(pydantic.ValidationError) as caught:
        BeamSettings.model_validate(beam)
    assert said in str(caught.value)
