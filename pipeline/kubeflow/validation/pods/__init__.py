"""Checks of what Kubernetes is told about the pod of a task."""
