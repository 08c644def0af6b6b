"""Where Beam runs the data-parallel nodes: here, on a job service, or on Dataflow."""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

import pydantic

from documents.settings.section import Section
from pipeline.files.paths import google_folder

_ADDRESS = re.compile(r"[A-Za-z0-9._-]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}")
# Named in full because recent Beam's default runner first tries to download a Prism binary.
HERE = "--runner=apache_beam.runners.portability.fn_api_runner.fn_runner.FnApiRunner"

_LONGEST_JOB = 30 * 24 * 3600
"""Seconds."""


def _checked_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text) or not 0 < int(text.rpartition(":")[2]) <= 65_535:
        raise ValueError("write HOST:PORT, without a scheme")
    return text


def _written(pattern: str, example: str) -> pydantic.AfterValidator:
    """Refuses what Beam would take, and whoever starts the workers refuse, minutes later."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"write it as in {example}")
        return text

    return pydantic.AfterValidator(check)


Address = Annotated[str, pydantic.AfterValidator(_checked_address)]
Image = Annotated[str, _written(r"[a-z0-9][\w./:@-]*", "registry.example.com/workers:1")]
Program = Annotated[str, _written(r"/\S+", "/opt/boot")]
# As apache_beam/options/pipeline_options_validator.py has it.
Project = Annotated[str, _written(r"[a-z][-a-z0-9:.]+[a-z0-9]", "my-project, its id")]
Region = Annotated[str, _written(r"[a-z]+-[a-z]+[0-9]+", "europe-west1, without a zone")]
MachineType = Annotated[str, _written(r"[a-z0-9]+(-[a-z0-9]+)+", "n2-standard-4")]
Account = Annotated[str, _written(r"[^@\s]+@[^@\s]+", "workers@my-project.iam.gserviceaccount.com")]
# https://cloud.google.com/dataflow/docs/guides/specifying-networks
Subnetwork = Annotated[
    str,
    _written(
        r"(https://www\.googleapis\.com/compute/v1/projects/[^/\s]+/)?"
        r"regions/[^/\s]+/subnetworks/[^/\s]+",
        "regions/europe-west1/subnetworks/NAME",
    ),
]
TempLocation = Annotated[str, pydantic.AfterValidator(google_folder)]


class PortableSettings(Section):
    """A service that speaks Beam's job API, such as those of Flink and Spark."""

    job_endpoint: Address
    """HOST:PORT of the service."""
    artifact_endpoint: Address | None = None
    """HOST:PORT that packages are sent to; None: the one that the service names."""
    environment: Literal["docker", "external", "process", "loopback"] = "docker"
    """How a worker comes to be: a container, a pool that waits, a program, or this very process."""
    image: Image | None = None
    """Of the containers; it holds Beam's boot program and what the nodes import."""
    worker_pool: Address | None = None
    """HOST:PORT of the pool, as a machine that runs the job reaches it."""
    boot: Program | None = None
    """Path of the program on the machines that run the job."""

    @pydantic.model_validator(mode="after")
    def _names_what_its_environment_needs(self) -> PortableSettings:
        needs = {"docker": "image", "external": "worker_pool", "process": "boot"}
        for environment, key in needs.items():
            value = getattr(self, key)
            if environment == self.environment and value is None:
                raise ValueError(f"environment {environment} needs `{key}`")
            if environment != self.environment and value is not None:
                raise ValueError(f"`{key}` is of environment {environment}; leave it out")
        return self

    @property
    def _environment_config(self) -> str | None:
        if self.boot is not None:
            return json.dumps({"command": self.boot})
        return self.image or self.worker_pool

    def arguments(self, workers: int) -> list[str]:
        """What Beam calls these (apache_beam/options/pipeline_options.py, PortableOptions)."""
        config = self._environment_config
        return [
            "--runner=PortableRunner",
            f"--job_endpoint={self.job_endpoint}",
            *([f"--artifact_endpoint={self.artifact_endpoint}"] if self.artifact_endpoint else []),
            f"--environment_type={self.environment.upper()}",
            *([f"--environment_config={config}"] if config else []),
            f"--sdk_worker_parallelism={workers}",
            # Beam ends the streams that tell of a job after so many seconds, and takes the job for
            # failed (apache_beam/runners/portability/portable_runner.py, JobServiceHandle.run).
            f"--job_server_timeout={_LONGEST_JOB}",
        ]


class DataflowSettings(Section):
    """Google Cloud's service for Beam."""

    project: Project
    region: Region
    temp_location: TempLocation
    """Folder for what is staged and shuffled."""
    image: Image | None = None
    """Of the workers; None: Beam's own, which lacks TensorFlow and TFX."""
    machine_type: MachineType | None = None
    disk_gb: int | None = pydantic.Field(None, ge=10, le=65_536)
    service_account: Account | None = None
    subnetwork: Subnetwork | None = None
    public_ips: bool = True

    def arguments(self, workers: int) -> list[str]:
        """What Beam calls these (pipeline_options.py, GoogleCloudOptions and WorkerOptions)."""
        given = {
            "project": self.project,
            "region": self.region,
            "temp_location": self.temp_location,
            "sdk_container_image": self.image,
            "worker_machine_type": self.machine_type,
            "disk_size_gb": self.disk_gb,
            "service_account_email": self.service_account,
            "subnetwork": self.subnetwork,
            "max_num_workers": workers,
        }
        return [
            "--runner=DataflowRunner",
            *(f"--{key}={value}" for key, value in given.items() if value is not None),
            *([] if self.public_ips else ["--no_use_public_ips"]),
        ]


class BeamSettings(Section):
    """How Beam runs the data-parallel nodes."""

    profile: Literal["local", "portable", "dataflow"] = "local"
    """Where."""
    workers: int = pydantic.Field(1, ge=1, le=10_000)
    """Processes at most; of profile local 1 is this process itself."""
    portable: PortableSettings | None = None
    dataflow: DataflowSettings | None = None
    start_seconds: float = pydantic.Field(900.0, ge=1, le=86_400)
    """Until workers elsewhere have done the first element; they may pull an image before."""
    args: list[str] = []
    """Further options of Beam's, as it calls them."""

    @pydantic.field_validator("args")
    @classmethod
    def _refuse_dask(cls, args: list[str]) -> list[str]:
        if any("dask" in arg.lower() for arg in args):
            raise ValueError("Beam's DaskRunner loses data without an error; choose another runner")
        return args

    @pydantic.model_validator(mode="after")
    def _has_the_section_of_its_profile(self) -> BeamSettings:
        for name in ("portable", "dataflow"):
            section = getattr(self, name)
            if name == self.profile and section is None:
                raise ValueError(f"profile {name} needs `{name}`, see docs/scale.md")
            if name != self.profile and section is not None:
                raise ValueError(f"`{name}` is of profile {name}; set `profile: {name}`")
        if self.is_elsewhere and self._names_a_runner:
            raise ValueError(f"args name a runner, which profile {self.profile} does; leave it out")
        # Beam takes the last one, and what the settings say would not hold.
        ours = {_option(arg) for arg in self._of_settings}
        for arg in self.args:
            if _option(arg) in ours and _option(arg) != "--runner":
                raise ValueError(f"args give {_option(arg)}, which the settings do; leave it out")
        return self

    @property
    def is_elsewhere(self) -> bool:
        """Whether workers may be on other machines."""
        return self.profile != "local"

    @property
    def arguments(self) -> list[str]:
        """All options for Beam."""
        return [*self._of_settings, *self.args]

    @property
    def _of_settings(self) -> list[str]:
        elsewhere = self.portable or self.dataflow
        return elsewhere.arguments(self.workers) if elsewhere else self._local

    @property
    def _names_a_runner(self) -> bool:
        return any(_option(arg) == "--runner" for arg in self.args)

    @property
    def _local(self) -> list[str]:
        runner = [] if self._names_a_runner else [HERE]
        if self.workers == 1:
            return runner
        mode = "--direct_running_mode=multi_processing"
        return [*runner, mode, f"--direct_num_workers={self.workers}"]


def _option(arg: str) -> str:
    return arg.partition("=")[0]
