"""Runs and schedules on a server elsewhere: Kubeflow Pipelines' API or Vertex AI."""
