"""Images, arguments, classes, sizes and places of containers."""

from __future__ import annotations

import json

from tests.pipeline.kubeflow.validation.defects.compiled import (
    Defects,
    argument,
    default,
    mounted_at,
    pipeline_root,
    pod,
    resources,
)

DEFECTS: Defects = {
    # Sizes
    "long argument": (lambda f: f.argument("x" * 150_000), "argument-size"),
    "long input": (lambda f: f.constant("x" * 150_000), "argument-size"),
    "long settings of a pod": (
        pod(podMetadata={"annotations": {"a": "x" * 150_000}}),
        "argument-size",
    ),
    "many variables": (
        lambda f: f.container()["env"].extend(
            {"name": f"A{n}", "value": "x" * 100} for n in range(2_000)
        ),
        "argument-size",
    ),
    "larger than etcd keeps": (
        lambda f: [
            f.spec["components"][name].update(
                outputDefinitions={"artifacts": {}, "parameters": {}},
                inputDefinitions={
                    "parameters": {f"p{n}": {"description": "x" * 900} for n in range(400)}
                },
            )
            for name in f.spec["components"]
        ],
        "workflow-size",
    ),
    # Containers
    "no image": (lambda f: f.container().pop("image"), "image-names"),
    "image with capitals": (
        lambda f: f.container().update(image="example.com/TFX:1"),
        "image-names",
    ),
    "image with a scheme": (
        lambda f: f.container().update(image="https://example.com/tfx:1"),
        "image-names",
    ),
    "image with half a digest": (
        lambda f: f.container().update(image="example.com/tfx@sha256:00"),
        "image-names",
    ),
    "latest": (lambda f: f.container().update(image="example.com/tfx:latest"), "images"),
    "no tag": (lambda f: f.container().update(image="example.com:5000/tfx"), "images"),
    "a tag": (lambda f: f.container().update(image="example.com/tfx:1"), "image-digests"),
    "no command": (lambda f: f.container().pop("command"), "commands"),
    "empty command": (lambda f: f.container().update(command=[]), "commands"),
    "command of TFX": (
        lambda f: f.container().update(
            command=[
                "python",
                "-m",
                "tfx.orchestration.kubeflow.v2.container.kubeflow_v2_run_executor",
            ]
        ),
        "commands",
    ),
    "no arguments": (lambda f: f.container().pop("args"), "arguments"),
    "no inputs": (
        lambda f: argument(f, "--json_serialized_invocation_args", None),
        "arguments",
    ),
    "other inputs": (
        lambda f: argument(f, "--json_serialized_invocation_args", "{}"),
        "arguments",
    ),
    "other specification of inputs": (
        lambda f: argument(
            f, "--json_serialized_inputs_spec_args", json.dumps({"artifacts": {"x": {}}})
        ),
        "arguments",
    ),
    "class that is not there": (
        lambda f: argument(f, "--executor_class_path", "components.trainer.Trainer"),
        "classes",
    ),
    "function that is not there": (lambda f: f.constant("models.trainer.run"), "classes"),
    "path of another machine": (
        lambda f: f.constant("/home/me/a.pbtxt", "schema_file", "ImportSchemaGen"),
        "image-paths",
    ),
    "a hook": (
        lambda f: f.container().update(lifecycle={"preCacheCheck": {"command": ["python"]}}),
        "hooks",
    ),
    "cached Pusher": (
        lambda f: f.task("Pusher")["cachingOptions"].update(enableCache=True),
        "caching",
    ),
    "request over limit": (resources(cpuRequest=8.0), "resources"),
    "negative memory": (resources(memoryRequest=-1.0), "resources"),
    "tiny memory": (resources(memoryRequest=1e-7), "resources"),
    "no quantity": (resources(resourceMemoryLimit="8 GB"), "resources"),
    "new request over old limit": (resources(resourceMemoryRequest="16Gi"), "resources"),
    "GPU without count": (
        resources(accelerator={"type": "nvidia.com/gpu"}),
        "accelerators",
    ),
    "no GPUs": (resources(accelerator={"type": "nvidia.com/gpu", "count": 0}), "accelerators"),
    "GPU of Vertex": (
        resources(accelerator={"type": "NVIDIA_TESLA_T4", "count": 1}),
        "accelerators",
    ),
    "count without GPU": (resources(accelerator={"count": 1}), "accelerators"),
    "half a GPU": (
        resources(accelerator={"resourceType": "nvidia.com/gpu", "resourceCount": "0.5"}),
        "accelerators",
    ),
    "variable with a space": (
        lambda f: f.container()["env"][0].update(name="MY LEVEL"),
        "environment",
    ),
    "variable without name": (lambda f: f.container()["env"].append({"value": "1"}), "environment"),
    "variable twice": (
        lambda f: f.container()["env"].append(dict(f.container()["env"][0])),
        "environment",
    ),
    "variable of a secret twice": (
        lambda f: f.container()["env"].append({"name": "STORE_USER", "value": "me"}),
        "environment",
    ),
    "variable of Kubeflow": (
        lambda f: f.container()["env"].append({"name": "KFP_POD_NAME", "value": "a"}),
        "environment",
    ),
    # Places
    "root of images": (lambda f: f.spec.update(defaultPipelineRoot="oci://a/b"), "pipeline-root"),
    "root here": (lambda f: f.spec.update(defaultPipelineRoot="/tmp/root"), "pipeline-root"),
    "root without bucket": (lambda f: f.spec.update(defaultPipelineRoot="gs://"), "pipeline-root"),
    "no root": (lambda f: f.spec.pop("defaultPipelineRoot"), "no-pipeline-root"),
    "data here": (default("data", "/home/me/data"), "places"),
    "data in s3": (default("data", "s3://abc/b"), "places"),
    "base path here": (lambda f: f.constant("models", "base_path", "Baseline"), "places"),
    "pushed to minio": (
        lambda f: f.constant(
            json.dumps({"filesystem": {"base_directory": "minio://abc/b"}}),
            "push_destination",
            "Pusher",
        ),
        "places",
    ),
    "pushed nowhere": (lambda f: f.constant("{}", "push_destination", "Pusher"), "places"),
    "module of this machine": (
        default("hub_handle", "/home/me/module"),
        "hub-handle",
    ),
    "module of texts of this machine": (
        lambda f: f.constant(
            json.dumps({"modules": {"remarks": {"handle": "/home/me/nnlm"}}}),
            "custom_config",
            "Trainer",
        ),
        "hub-handle",
    ),
    # Classes, arguments, images
    "class that is a value": (
        lambda f: argument(f, "--executor_class_path", "pipeline.kubeflow.postprocess.GPU_TYPES"),
        "classes",
    ),
    "class that is a module": (
        lambda f: argument(f, "--executor_class_path", "components.trainer.executor.json"),
        "classes",
    ),
    "class that is a function": (
        lambda f: argument(f, "--executor_class_path", "models.trainer.run_fn"),
        "classes",
    ),
    "class that is no executor": (
        lambda f: argument(f, "--executor_class_path", "pipeline.settings.Settings"),
        "classes",
    ),
    "class of Python": (
        lambda f: argument(f, "--executor_class_path", "collections.OrderedDict"),
        "classes",
    ),
    "class without name": (lambda f: argument(f, "--executor_class_path", ""), "classes"),
    "function that is a class": (
        lambda f: f.constant("components.trainer.executor.Executor"),
        "classes",
    ),
    "argument that nobody knows": (
        lambda f: f.argument("--executor_clas_path=a.B"),
        "beam-options",
    ),
    "argument that stands alone": (lambda f: f.argument("fast"), "beam-options"),
    "runner that is not there": (
        lambda f: f.argument("--runner=Spork"),
        "beam-options",
    ),
    "misspelt option of Beam": (
        lambda f: f.argument("--direct_num_worker=2"),
        "beam-options",
    ),
    "setup file that is not there": (
        lambda f: f.argument("--setup_file=/opt/project/none.py"),
        "image-paths",
    ),
    "misspelt Python": (
        lambda f: f.container().update(command=["pyhton", "-m", "pipeline.kubeflow.entrypoint"]),
        "commands",
    ),
    "option of Python": (
        lambda f: f.container().update(
            command=["python", "-x", "-m", "pipeline.kubeflow.entrypoint"]
        ),
        "commands",
    ),
    "no PYTHONPATH": (lambda f: f.container().update(env=[]), "project-folders"),
    "relative PYTHONPATH": (
        lambda f: f.container().update(env=[{"name": "PYTHONPATH", "value": "project"}]),
        "project-folders",
    ),
    "another image": (
        lambda f: f.container().update(image=f"example.com/other@sha256:{'1' * 64}"),
        "one-image",
    ),
    "image at no port": (
        lambda f: f.container().update(image=f"example.com:99999/tfx@sha256:{'1' * 64}"),
        "image-names",
    ),
    "parameter that is not told": (
        lambda f: argument(
            f,
            "--json_serialized_inputs_spec_args",
            json.dumps({"artifacts": f.takes()["artifacts"]}),
        ),
        "arguments",
    ),
    # Places
    **{
        f"root {root}": (pipeline_root(root), "pipeline-root")
        for root in (
            *("gs://b/x", f"gs://{'b' * 64}/x", "gs://192.168.1.1/x", "gs://googol/x"),
            *("gs://a..b/x", "gs://abc-/x", "s3://a_bc/x", "minio://a_bc/x", "gs://bucket/a[1]"),
            *("gs://bucket/*", "gs://bucket/a?b", "gs://bucket//a", "gs://bucket/../a"),
            *("gs://bucket/{run}", "gs://bucket/{{$.pipeline_job_name}}", "gs://bucket/a "),
            *("gs://bucket:80/a", "gs://me@bucket/a"),
        )
    },
    **{
        f"data {data}": (default("data", data), "places")
        for data in (
            *("gs://b/data", "gs://bucket/a[1]", "gs://bucket/a*", "gs://bucket/span-{SPAN}"),
            *("gs://bucket/../x", ""),
        )
    },
    "two base paths": (
        lambda f: f.constant("gs://bucket/other", "base_path", "Baseline"),
        "base-paths",
    ),
    "module of this project that is not there": (
        default("hub_handle", "models/modules/none"),
        "hub-handle",
    ),
    "module over ftp": (
        default("hub_handle", "ftp://example.com/m"),
        "hub-handle",
    ),
    "module of nobody": (
        default("hub_handle", "https://"),
        "hub-handle",
    ),
    **{
        f"mounted at {path}": (mounted_at(path), "mount-paths")
        for path in ("/a/../gcs", "//gcs", "/gcs/bucket", "/proc", "/usr", "/etc/ssl", "/opt/..")
    },
}
