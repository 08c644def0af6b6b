"""From settings to a compiled Kubeflow Pipelines v2 file."""

from __future__ import annotations

from pathlib import Path

from pipeline import preflight
from pipeline.places import Places
from pipeline.settings import Settings, SettingsError


def compile_pipeline(
    settings: Settings, *, image: str, pipeline_root: str, data: str, base_path: str, output: Path
) -> None:
    """Writes the pipeline as a bare PipelineSpec 2.1 in YAML, the form that kfp's client submits.

    Open-source Kubeflow refuses schema 2.0; the suffix decides between PipelineSpec (.yaml) and
    PipelineJob (.json) in tfx/orchestration/kubeflow/v2/kubeflow_v2_dag_runner.py.

    Raises:
      SettingsError: the output is not a .yaml file.
      HubError: the module cannot be resolved, so its digest cannot be pinned.
    """
    if output.suffix != ".yaml":
        raise SettingsError(f"--output {output} must end in .yaml; kfp's client refuses .json.")

    from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
        KubeflowV2DagRunner,
        KubeflowV2DagRunnerConfig,
    )

    from pipeline.pipeline import create_pipeline

    module = preflight.resolve_module(settings)
    places = Places(
        data=data,
        data_source="folder",
        module_sha256=module.sha256,
        base_path=base_path,
        artifacts=pipeline_root,
    )
    config = KubeflowV2DagRunnerConfig(
        default_image=image,
        default_commands=["python", "-m", "pipeline.kubeflow.entrypoint"],
        use_pipeline_spec_2_1=True,
    )
    runner = KubeflowV2DagRunner(
        config=config, output_dir=str(output.parent), output_filename=output.name
    )
    runner.run(create_pipeline(settings, places), write_out=True)
