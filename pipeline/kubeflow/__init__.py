"""The pipeline on Kubeflow Pipelines v2."""
