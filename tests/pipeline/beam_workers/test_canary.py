"""One element on workers that may lack something."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest

from pipeline.beam import beam_pipeline_args
from pipeline.beam_workers import canary
from pipeline.beam_workers.canary import Canary, WorkersError, check_workers
from pipeline.sections.beam import BeamSettings
from tests import beam_service
from tests.beam_service import BeamService
from tests.metadata_servers import free_port


def test_the_same_packages_and_code_differ_in_nothing(tmp_path: Path):
    asked = Canary.here(str(tmp_path), None)
    assert {"tensorflow", "apache-beam", "tfx"} <= set(asked.packages)
    assert canary.differences(asked, asked.code, asked.python, asked.packages) == []


def test_what_differs_is_named_with_both_versions(tmp_path: Path):
    asked = Canary(str(tmp_path), ".c", "1", "3.10", {"numpy": "2.1", "tfx": "1.21"})
    assert canary.differences(asked, "2", "3.13", {"numpy": "1.26"}) == [
        "Python 3.13 there and 3.10 here",
        "numpy 1.26 there and 2.1 here",
        "tfx missing there and 1.21 here",
        "this project's code is another one there",
    ]


def test_a_worker_reads_and_writes_where_nodes_do(tmp_path: Path):
    asked = Canary.here(str(tmp_path), None)
    Path(asked.question).write_text(asked.name)
    canary.look(asked)
    canary.look(asked)  # Beam may run an element twice.
    assert json.loads(Path(asked.answer).read_text())["host"]


def test_a_worker_says_what_it_lacks(tmp_path: Path):
    asked = Canary.here(str(tmp_path), None)
    with pytest.raises(WorkersError, match=r"cannot read .*: No such file .*; mount the folder"):
        canary.look(asked)
    Path(asked.question).write_text("of another run")
    with pytest.raises(WorkersError, match="it holds something else"):
        canary.look(asked)
    Path(asked.question).write_text(asked.name)
    with pytest.raises(WorkersError, match="this project's code is another one there; give the"):
        canary.look(dataclasses.replace(asked, code="0"))
    with pytest.raises(WorkersError, match=r"lacks the module no_such_module of `code`"):
        canary.look(dataclasses.replace(asked, module="no_such_module"))


def test_a_job_service_that_is_not_there_is_told_at_once(tmp_path: Path):
    endpoint = f"localhost:{free_port()}"
    with pytest.raises(WorkersError, match=rf"job_endpoint = {endpoint}: Connection refused"):
        check_workers([], str(tmp_path), endpoint=endpoint, seconds=10)


@pytest.mark.medium
def test_a_job_service_that_ends_over_a_job_is_told_from_workers_that_cannot(tmp_path: Path):
    """As Prism does where no pool of workers answers."""
    port = free_port()
    server = grpc.server(futures.ThreadPoolExecutor(1))
    ends = grpc.unary_unary_rpc_method_handler(lambda _, context: server.stop(None))
    service = "org.apache.beam.model.job_management.v1.JobService"
    methods = ("DescribePipelineOptions", "Prepare")
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(service, dict.fromkeys(methods, ends))]
    )
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    endpoint = f"127.0.0.1:{port}"
    portable = {"job_endpoint": endpoint, "environment": "loopback"}
    beam = BeamSettings.model_validate({"profile": "portable", "portable": portable})
    told = rf"the job service at {endpoint} ended over it, .*: its own log says why\.$"
    with pytest.raises(WorkersError, match=told):
        check_workers(beam.arguments, str(tmp_path), endpoint=endpoint, seconds=60)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BeamService]:
    with beam_service.service(tmp_path_factory.mktemp("beam service")) as started:
        yield started


def ask(service: BeamService, folder: Path, *, pool: str | None = None) -> str:
    settings = dict(service.settings)
    if pool:
        settings["portable"] = {**settings["portable"], "worker_pool": pool}
    beam = BeamSettings.model_validate(settings)
    arguments = beam_pipeline_args(beam.arguments)
    return check_workers(arguments, str(folder), endpoint=service.job_endpoint, seconds=300)


@pytest.mark.slow
@pytest.mark.extended
def test_workers_without_the_project_are_sent_it(service: BeamService, tmp_path: Path):
    (tmp_path / ".canary-left-by-a-killed-run").touch()
    assert ask(service, tmp_path)
    assert not [*tmp_path.iterdir()]


@pytest.mark.slow
@pytest.mark.extended
def test_workers_that_install_nothing_are_told_from_others(service: BeamService, tmp_path: Path):
    """As a pool without a boot program starts them."""
    python = beam_service.environment_without_project(tmp_path / "bare")
    boot = tmp_path / "boot"
    boot.write_text(
        f'#!/bin/sh\nfor word; do case $word in --id=*) id="${{word#*=}}";; '
        '--control_endpoint=*) control="${word#*=}";; esac; done\n'
        f'exec "{python}" -c "from apache_beam.runners.worker.sdk_worker import SdkHarness\n'
        "SdkHarness('$control', worker_id='$id').run()\" 1>&2\n"
    )
    boot.chmod(0o755)
    with beam_service.pool(tmp_path, boot) as pool, pytest.raises(WorkersError) as caught:
        ask(service, tmp_path / "artifacts", pool=pool)
    said = str(caught.value)
    assert "cannot do the work: ModuleNotFoundError: No module named 'pipeline'; they do" in said
    assert "boot.py" in said
    assert len(said.splitlines()) == 1


@pytest.mark.slow
def test_a_pool_that_is_not_there_is_told_by_the_cause_alone(service: BeamService, tmp_path: Path):
    with pytest.raises(WorkersError, match="cannot do the work: failed to connect") as caught:
        ask(service, tmp_path, pool=f"localhost:{free_port()}")
    assert "Rpc" not in str(caught.value)
    assert not [*tmp_path.iterdir()]


def test_the_version_of_python_is_that_of_pickled_functions():
    assert canary.python() == f"{sys.version_info[0]}.{sys.version_info[1]}"
