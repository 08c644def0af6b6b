"""From settings to a compiled Kubeflow Pipelines v2 file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from components.example_gen.spans import SpanError
from documents import writer
from documents.settings.section import short
from models.training.cluster import MULTI_WORKER
from pipeline import light_imports
from pipeline.files.home import lend_home
from pipeline.files.paths import BASE_PATHS, MODELS, cluster_address, refuse_patterns
from pipeline.kubeflow.custom_job import TASK
from pipeline.kubeflow.postprocess import ENTRY_POINT, Target, check_target, postprocess
from pipeline.kubeflow.roots import check_root
from pipeline.kubeflow.run_parameters import run_parameters
from pipeline.kubeflow.validation.documents import parse_documents
from pipeline.kubeflow.validation.finding import Finding, has_errors
from pipeline.kubeflow.validation.validate import validate
from pipeline.kubeflow.validation.yaml_file import parse_yaml
from pipeline.places import Places
from pipeline.preflight import preflight
from pipeline.preflight.hub_modules import module_digests, resolve_module
from pipeline.settings import REPOSITORY, Settings, SettingsError


def compile_pipeline(
    settings: Settings,
    *,
    target: Target,
    image: str,
    pipeline_root: str,
    data: str,
    base_path: str,
    output: Path,
) -> list[Finding]:
    """Writes the pipeline as a PipelineSpec 2.1 in YAML, the form that kfp's client submits.

    Open-source Kubeflow refuses schema 2.0. The same pipeline and settings give the same bytes.

    Returns:
      What `validate` finds in the file; with an error among it nothing is written.

    Raises:
      SettingsError: the output is not a .yaml file or cannot be written, or an address is none.
      PostprocessError: the settings name what the pipeline or the target does not have.
      HubError: the module cannot be resolved, so its digest cannot be pinned.
    """
    if output.suffix != ".yaml":
        raise SettingsError(f"--output {output} must end in .yaml; kfp's client refuses .json.")
    _check_place("--pipeline-root", pipeline_root, lambda place: check_root(place, target))
    _check_place("--data", data, cluster_address)
    _check_place("--base-path", base_path, _check_base_path)
    if not settings.data.is_quartet:
        settings = _at(settings, data)
        data, _ = settings.data.place

    _check_settings(settings, target)
    # protobuf, behind it, waits until the settings are known to be good.
    from pipeline.schema import schema_text

    schema_text(settings)
    module = resolve_module(settings)
    places = Places(
        data=data,
        data_source="folder",
        module_sha256=module.sha256 if module else None,
        modules=module_digests(settings),
        base_path=base_path,
        artifacts=pipeline_root,
    )
    documents = postprocess(
        _pipeline_spec(settings, places, image),
        settings.kubeflow,
        target=target,
        pipeline_root=pipeline_root,
        repository=str(REPOSITORY),
        parameters=run_parameters(settings),
    )
    # kfp's client shows these lines as the description of the pipeline.
    heading = f"# PIPELINE DEFINITION\n# Name: {documents[0]['pipelineInfo']['name']}\n"
    text = heading + yaml.safe_dump_all(documents, sort_keys=True)
    findings = validate(parse_documents(parse_yaml(text), str(output)), target)
    if not has_errors(findings):
        _write(text, output)
    return findings


def _check_place(flag: str, place: str, check: Callable[[str], object]) -> None:
    try:
        check(place)
    except ValueError as error:
        raise SettingsError(f"{flag} {short(place, 300)} is refused: {error}.") from error


def _check_base_path(place: str) -> None:
    cluster_address(place, BASE_PATHS)
    refuse_patterns(place, MODELS)


def _check_settings(settings: Settings, target: Target) -> None:
    """What can be known to be wrong with them on a cluster before anything is made."""
    preflight.check_kinds(settings)
    if settings.variants:
        raise SettingsError(
            "Section `variants` is for runs on one machine, as a cluster has no ROOT/exports to"
            " publish them in: leave it out here with --set variants=null."
        )
    _check_replicas(settings, target)
    check_target(settings.kubeflow, target)


def _check_replicas(settings: Settings, target: Target) -> None:
    """The replicas that are there must be those that train together."""
    replicas, strategy = settings.kubeflow.replicas, settings.training.strategy
    if strategy == MULTI_WORKER and not replicas:
        raise SettingsError(
            f"Setting training.strategy = {MULTI_WORKER} needs replicas: say how many of them train"
            " together, e.g. --set 'kubeflow.replicas={count: 2}', or set the strategy to none."
        )
    if not replicas:
        return
    if strategy != MULTI_WORKER:
        raise SettingsError(
            f"Setting kubeflow.replicas.count = {replicas.count} with training.strategy ="
            f" {strategy} would have each replica train everything: set the strategy to"
            f" {MULTI_WORKER}, or leave kubeflow.replicas out."
        )
    if target == "oss" and replicas.machine_type:
        raise SettingsError(
            f"Setting kubeflow.replicas.machine_type = {replicas.machine_type} is for Vertex AI:"
            " leave it out, and say what a replica needs by `resources` and `node_selector` of"
            " kubeflow.nodes.Trainer."
        )
    # A processor without GPUs is one replica.
    count = replicas.count * max(1, settings.kubeflow.node(TASK).gpus)
    if settings.training.batch_size % count:
        raise SettingsError(
            f"Setting training.batch_size = {settings.training.batch_size} cannot be shared by the"
            f" {count} replicas of kubeflow.replicas: make it a multiple of {count}."
        )


def _at(settings: Settings, address: str) -> Settings:
    """The settings with the data at an address."""
    try:
        moved = settings.data.at(address)
    except SpanError as error:
        raise SettingsError(f"--data {short(address, 300)} is refused: {error}") from error
    if moved.span is not None and not moved.has_spans:
        raise SettingsError(
            f"--data {short(address, 300)} has no spans, and data.span is {moved.span}; name a"
            " pattern with {SPAN}, or leave data.span out."
        )
    return settings.model_copy(update={"data": moved})


def _pipeline_spec(settings: Settings, places: Places, image: str) -> dict[str, Any]:
    """What TFX compiles."""
    lend_home()
    with light_imports.for_good():
        from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
            KubeflowV2DagRunner,
            KubeflowV2DagRunnerConfig,
        )

        from pipeline.pipeline import create_pipeline

    config = KubeflowV2DagRunnerConfig(
        default_image=image,
        default_commands=list(ENTRY_POINT),
        use_pipeline_spec_2_1=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        # The suffix decides between PipelineSpec (.yaml) and PipelineJob (.json).
        name = "pipeline.yaml"
        runner = KubeflowV2DagRunner(config=config, output_dir=folder, output_filename=name)
        runner.run(create_pipeline(settings, places), write_out=True)
        document: dict[str, Any] = yaml.safe_load(Path(folder, name).read_text())
        return document


def _write(text: str, output: Path) -> None:
    """Writes so that `output` is either whole or as it was."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        writer.replace(str(output), text.encode())
    except OSError as error:
        raise SettingsError(
            # Which option named it depends on the command.
            f"{short(output, 300)} cannot be written: {error.strerror}; choose another place, or"
            " mend the permissions."
        ) from error
