"""The fields of a custom job's worker pools, as pipeline.py tells those of a pipeline.

As in google/cloud/aiplatform/v1/custom_job.proto, machine_resources.proto and env_var.proto. The
launcher hands a pool to Vertex AI's client with the names that the protocol has.
"""

from __future__ import annotations

from collections.abc import Mapping

JOB_MESSAGES: Mapping[str, Mapping[str, str]] = {
    "WorkerPoolSpec": {
        "container_spec": "JobContainerSpec",
        "machine_spec": "MachineSpec",
        "replica_count": "int64",
    },
    "JobContainerSpec": {
        "image_uri": "text",
        "command": "list text",
        "args": "list text",
        "env": "list ContainerSpec.EnvVar",
    },
    "MachineSpec": {
        "machine_type": "text",
        "accelerator_type": "text",
        "accelerator_count": "int32",
    },
}
"""Those that this project writes."""
