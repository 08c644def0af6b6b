"""Running the pipeline on this machine: launch, progress, log, lock, summary."""
