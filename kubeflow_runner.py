"""Compiles the pipeline for Kubeflow Pipelines v2."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

# hub.KerasLayer is a tf_keras layer; the libraries around it must agree on that Keras.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

from pipeline.kubeflow.compile import compile_pipeline
from pipeline.kubeflow.dry_run import command as dry_run
from pipeline.kubeflow.postprocess import PostprocessError
from pipeline.kubeflow.validation import command as validation
from pipeline.settings import REPOSITORY, SettingsError, load_settings

DESCRIPTION = """\
Compiles the same pipeline that local_runner.py runs into a Kubeflow Pipelines v2 file
(pipeline spec 2.1, YAML)."""

EXAMPLE = """\
example:
  python kubeflow_runner.py compile --image registry.example.com/tfx@sha256:... \\
      --pipeline-root gs://bucket/root --data gs://bucket/fashion-mnist \\
      --base-path gs://bucket/serving/fashion_mnist --output pipeline.yaml"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="kubeflow_runner.py",
        description=DESCRIPTION,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("compile", help="write the pipeline as YAML")
    command.add_argument(
        "--config",
        type=Path,
        default=REPOSITORY / "configs" / "fashion_mnist.yaml",
        help="settings, a YAML file (default: configs/fashion_mnist.yaml)",
    )
    command.add_argument(
        "--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE"
    )
    command.add_argument(
        "--target",
        choices=("oss", "vertex"),
        default="oss",
        help="open-source Kubeflow Pipelines (default) or Vertex AI",
    )
    command.add_argument("--image", required=True, help="container image with this project inside")
    command.add_argument("--pipeline-root", required=True, help="object-store URI for artifacts")
    command.add_argument("--data", required=True, help="object-store URI of the four IDX files")
    command.add_argument("--base-path", required=True, help="object-store URI of the base path")
    command.add_argument("--output", type=Path, required=True, help="file to write, *.yaml")
    rehearsal = commands.add_parser("dry-run", help=dry_run.HELP)
    dry_run.add_arguments(rehearsal)
    rehearsal.set_defaults(run=dry_run.run)
    checks = commands.add_parser("validate", help=validation.HELP)
    validation.add_arguments(checks)
    checks.set_defaults(run=validation.run)
    options = parser.parse_args(arguments)
    if "run" in options:
        return options.run(options)
    try:
        compile_pipeline(
            load_settings(options.config, options.overrides),
            target=options.target,
            image=options.image,
            pipeline_root=options.pipeline_root,
            data=options.data,
            base_path=options.base_path,
            output=options.output,
        )
    except (SettingsError, PostprocessError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"Compiled to {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
