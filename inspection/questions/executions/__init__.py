"""Questions about executions: why one ran, was cached, failed or was killed."""
