"""Executes a compiled pipeline on this machine, step by step, as Kubeflow Pipelines would."""

from pipeline.kubeflow.dry_run.run import Emulate, dry_run

__all__ = ["Emulate", "dry_run"]
