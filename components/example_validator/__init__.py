"""The standard ExampleValidator as a gate: anomalies stop the run before training."""
