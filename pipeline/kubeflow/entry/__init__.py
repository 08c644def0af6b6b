"""What a container does around TFX's own entry point, so that open-source Kubeflow can run it."""
