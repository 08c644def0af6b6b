"""The Trainer on several replicas of open-source Kubeflow: a TFJob, and who waits for it."""
