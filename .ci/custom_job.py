"""Does the newest google-cloud-pipeline-components start a custom job as our compiled file does?

Run it in an environment with that package: `python .ci/custom_job.py COMPILED.yaml`, a file for
Vertex AI with `kubeflow.replicas`.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from google_cloud_pipeline_components.container.v1.gcp_launcher.utils import parser_util
from google_cloud_pipeline_components.v1 import custom_job
from kfp import compiler, components
from told import told

Json = dict[str, Any]
MACHINES = 3
POOLS = "worker_pool_specs"
READ = {"type", "project", "location", "payload", "gcp_resources"}


STEP = """
name: train
outputs: [{name: model, type: Model}]
implementation:
  container: {image: "image:1", command: [python], args: [--input, "{{$}}"]}
"""


def main(file: Path) -> int:
    """0 when everything holds; else what does not is printed."""
    ours = _step(next(d for d in yaml.safe_load_all(file.read_text()) if d))
    theirs = _googles()
    differences = [*_containers(ours, theirs), *_pools(ours, theirs)]
    if set(_understood(ours["container"]["args"])) != READ:
        differences.append(f"the launcher reads other arguments than {', '.join(sorted(READ))}")
    return told(
        differences,
        "pipeline/kubeflow/custom_job.py",
        "a custom job is started as google-cloud-pipeline-components does",
    )


def _understood(arguments: list[str]) -> Mapping[str, Any]:
    """The arguments as the launcher reads them; the last is a file, whose folder it makes."""
    with tempfile.TemporaryDirectory() as folder:
        given = [*arguments[:-1], f"{folder}/below/gcp_resources"]
        return vars(parser_util.parse_default_args(given)[1])


def _googles() -> Json:
    started = custom_job.create_custom_training_job_from_component(
        components.load_component_from_text(STEP),
        replica_count=MACHINES,
        machine_type="n1-standard-8",
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "job.yaml")
        compiler.Compiler().compile(started, str(file))
        return _step(yaml.safe_load(file.read_text()))


def _step(spec: Mapping[str, Any]) -> Json:
    """The component that starts a job, and its container."""
    [component] = [each for each in spec["components"].values() if POOLS in str(each)]
    for kind in ("inputDefinitions", "outputDefinitions"):
        for definition in component[kind]["parameters"].values():
            definition.pop("description", None)
    executor = spec["deploymentSpec"]["executors"][component["executorLabel"]]
    return {"component": component, "container": executor["container"]}


def _containers(ours: Json, theirs: Json) -> list[str]:
    found = []
    mine, other = ours["container"], theirs["container"]
    if mine["command"] != other["command"]:
        found.append(f"the command is {other['command']}")
    if mine["image"].partition(":")[0] != other["image"].partition(":")[0]:
        found.append(f"the image is {other['image']}")
    for own, google in zip(mine["args"], other["args"], strict=True):
        if own != google and "job_spec" not in own:
            found.append(f"an argument is {google}, not {own}")
    payloads = [_payload(each["args"]) for each in (mine, other)]
    for path in sorted(_paths(payloads[0]) - _paths(payloads[1])):
        found.append(f"the payload has no {path}")
    return found


def _pools(ours: Json, theirs: Json) -> list[str]:
    found = []
    inputs = [each["component"]["inputDefinitions"]["parameters"] for each in (ours, theirs)]
    for name in ("project", "location"):
        if inputs[0][name] != inputs[1][name]:
            found.append(f"the input {name} is {inputs[1][name]}")
    own, google = (each[POOLS]["defaultValue"] for each in inputs)
    for number, (mine, other) in enumerate(zip(own, google, strict=True)):
        for path in sorted(_paths(mine) - _paths(other)):
            found.append(f"pool {number} has no {path}")
        if "{{$.json_escape[1]}}" not in other["container_spec"]["args"]:
            found.append(f"pool {number} gets {other['container_spec']['args']}")
    outputs = [each["component"]["outputDefinitions"]["parameters"] for each in (ours, theirs)]
    if outputs[0] != outputs[1]:
        found.append(f"the outputs are {outputs[1]}")
    return found


def _payload(arguments: list[str]) -> Any:
    """The job, with an input for each value that is filled in."""
    text = arguments[arguments.index("--payload") + 1]
    text = re.sub(r'"?\{\{\$\.inputs\.parameters\[\'(\w+)\'\]\}\}"?', r'"\1"', text)
    return json.loads(text)


def _paths(value: Any, above: str = "") -> set[str]:
    """Of everything in it but items of lists."""
    if not isinstance(value, Mapping):
        return {above}
    below = (_paths(inner, f"{above}.{key}".lstrip(".")) for key, inner in value.items())
    return {above, *(path for paths in below for path in paths)}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
