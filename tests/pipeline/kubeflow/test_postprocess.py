"""What the compiled file says beyond the graph."""

import copy
import json

import pytest

from pipeline.kubeflow.postprocess import PostprocessError, postprocess
from pipeline.kubeflow.run_parameters import RunParameter
from pipeline.sections.kubeflow import KubeflowOptions

FOLDER = "/home/somebody/checkout"


@pytest.fixture
def post(compiled):
    """The documents of `compiled`; keywords are the section `kubeflow`."""

    def process(target="oss", **section):
        return postprocess(
            compiled,
            KubeflowOptions.model_validate(section),
            target=target,
            pipeline_root="gs://bucket/root",
            repository=FOLDER,
            parameters={"data": RunParameter("ExampleGen", "input_base")},
        )

    return process


def _container(document, node: str):
    return document["deploymentSpec"]["executors"][f"{node}_executor"]["container"]


def test_it_changes_nothing_of_what_it_is_given(compiled, post):
    before = copy.deepcopy(compiled)
    post()
    assert compiled == before


def test_every_task_is_tried_again_and_asks_for_something(post):
    [spec] = post()
    assert spec["defaultPipelineRoot"] == "gs://bucket/root"
    for task in spec["root"]["dag"]["tasks"].values():
        assert task["retryPolicy"] == {
            "maxRetryCount": 2,
            "backoffDuration": "60s",
            "backoffFactor": 2.0,
            "backoffMaxDuration": "604800s",
        }
    assert _container(spec, "Pusher")["resources"] == {"cpuRequest": 0.5, "memoryRequest": 1.0}
    assert _container(spec, "ExampleGen")["resources"]["memoryRequest"] == 2.0


def _cached(document):
    tasks = document["root"]["dag"]["tasks"]
    return {name for name, task in tasks.items() if task["cachingOptions"]["enableCache"]}


def test_what_depends_on_more_than_its_inputs_is_not_cached_on_open_source(post):
    assert _cached(post("oss")[0]) == {"ExampleGen"}
    assert _cached(post("vertex")[0]) == {"ExampleGen", "Pusher"}


@pytest.mark.parametrize("target", ["oss", "vertex"])
def test_the_settings_decide_on_the_cache_of_a_node(post, target):
    section = {"ExampleGen": {"cache": False}, "Pusher": {"cache": True}}
    assert _cached(post(target, nodes=section)[0]) == {"Pusher"}


def test_on_open_source_the_driver_is_a_task_whose_decision_the_cache_sees(post):
    [spec] = post("oss")
    tasks = spec["root"]["dag"]["tasks"]
    driver, example_gen = tasks["ExampleGenDriver"], tasks["ExampleGen"]
    # It looks where ExampleGen reads, also when the run says where.
    assert driver["inputs"]["parameters"]["input_base"] == {"componentInputParameter": "data"}
    assert driver["taskInfo"] == {"name": "ExampleGenDriver"}
    assert example_gen["dependentTasks"] == ["ExampleGenDriver"]
    given = example_gen["inputs"]["parameters"]
    declared = spec["components"]["ExampleGen"]["inputDefinitions"]["parameters"]
    outputs = spec["components"]["ExampleGenDriver"]["outputDefinitions"]["parameters"]
    assert set(outputs) == {"input_fingerprint", "span", "version", "input_config"}
    for key, definition in outputs.items():
        assert declared[key] == definition
        assert given[key] == {
            "taskOutputParameter": {
                "producerTask": "ExampleGenDriver",
                "outputParameterKey": key,
            }
        }
    container = _container(spec, "ExampleGenDriver")
    assert container["command"] == ["python", "-m", "pipeline.kubeflow.entrypoint"]
    assert container["args"][0] == "--driver_only"
    assert container["image"] == _container(spec, "ExampleGen")["image"]
    [spec] = post("vertex")
    assert "ExampleGenDriver" not in spec["root"]["dag"]["tasks"]


def test_paths_of_this_machine_become_those_of_the_image(post):
    [spec] = post(project_folder="/srv/code")
    assert FOLDER not in json.dumps(spec)
    assert _container(spec, "Pusher")["args"][-1] == "--setup_file=/srv/code/setup.py"
    assert {"name": "PYTHONPATH", "value": "/srv/code"} in _container(spec, "Pusher")["env"]


def test_only_the_folder_itself_is_replaced(compiled, post):
    given = compiled["root"]["dag"]["tasks"]["Pusher"]["inputs"]["parameters"]["schema_file"]
    given["runtimeValue"]["constant"] = f"{FOLDER}-other/a.pbtxt"
    [spec] = post()
    assert f"{FOLDER}-other/a.pbtxt" in json.dumps(spec)


def test_a_parameter_keeps_the_compiled_value_as_its_default(post):
    [spec] = post()
    task = spec["root"]["dag"]["tasks"]["ExampleGen"]
    assert task["inputs"]["parameters"]["input_base"] == {"componentInputParameter": "data"}
    assert spec["root"]["inputDefinitions"]["parameters"] == {
        "data": {"parameterType": "STRING", "defaultValue": "gs://bucket/data"}
    }


def test_vertex_asks_our_entry_point_before_its_cache_and_open_source_nobody(post):
    [spec] = post("vertex")
    hook = _container(spec, "ExampleGen")["lifecycle"]["preCacheCheck"]
    assert hook["command"] == ["python", "-m", "pipeline.kubeflow.entrypoint"]
    assert hook["args"][:3] == [
        *(
            "--driver_only",
            "--executor_class_path",
            "tfx.components.example_gen.csv_example_gen.executor.Executor",
        ),
    ]
    [spec] = post("oss")
    assert "lifecycle" not in _container(spec, "ExampleGen")


@pytest.mark.parametrize(
    ("target", "kind"), [("oss", "nvidia.com/gpu"), ("vertex", "NVIDIA_TESLA_T4")]
)
def test_a_gpu_is_named_as_the_target_names_it(post, target, kind):
    documents = post(target, nodes={"Pusher": {"gpus": 1}})
    accelerator = _container(documents[0], "Pusher")["resources"]["accelerator"]
    assert accelerator == {"type": kind, "count": 1}
    assert len(documents) == (2 if target == "oss" else 1)


@pytest.mark.parametrize("kind", ["nvidia.com/gpu", "amd.com/gpu"])
def test_a_machine_with_a_gpu_is_tolerated_by_the_name_of_its_gpu(post, kind):
    _, platform = post(nodes={"Pusher": {"gpus": 1, "gpu_type": kind}})
    executors = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    assert executors["Pusher_executor"]["tolerations"] == [
        {"key": kind, "operator": "Exists", "effect": "NoSchedule"}
    ]


def test_a_gpus_own_toleration_is_not_doubled(post):
    own = {"key": "amd.com/gpu", "operator": "Equal", "value": "mi300"}
    section = {"gpus": 1, "gpu_type": "amd.com/gpu", "tolerations": [own]}
    _, platform = post(nodes={"Pusher": section})
    executors = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    assert executors["Pusher_executor"]["tolerations"] == [own]


PLATFORM = {
    "image_pull_secrets": ["registry"],
    "run_as_user": 2000,
    "secrets": [{"name": "store", "env": {"key": "AWS_ACCESS_KEY_ID"}, "mount_path": "/keys"}],
    "volumes": [{"claim": "models", "mount_path": "/mnt/models"}],
    "node_selector": {"pool": "big"},
    "tolerations": [{"key": "spot", "effect": "NoSchedule"}],
}


def test_open_source_kubernetes_gets_a_document_of_its_own(post):
    spec, platform = post(all=PLATFORM, nodes={"Pusher": {"env": {"A": "1"}}})
    executors = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    assert set(executors) == {
        *("ExampleGenDriver_executor", "ExampleGen_executor", "Pusher_executor")
    }
    assert executors["Pusher_executor"] == {
        "secretAsEnv": [
            {
                "secretName": "store",
                "keyToEnv": [{"secretKey": "key", "envVar": "AWS_ACCESS_KEY_ID"}],
            }
        ],
        "secretAsVolume": [{"secretName": "store", "mountPath": "/keys"}],
        "imagePullSecret": [{"secretName": "registry"}],
        "pvcMount": [{"constant": "models", "mountPath": "/mnt/models"}],
        "securityContext": {"runAsUser": 2000},
        "nodeSelector": {"labels": {"pool": "big"}},
        "tolerations": [{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}],
    }
    assert {"name": "A", "value": "1"} in _container(spec, "Pusher")["env"]


@pytest.mark.parametrize(
    ("target", "section", "said"),
    [
        ("vertex", {"nodes": {"ExampleGenDriver": {"retry": {"times": 1}}}}, "no such node"),
        ("vertex", {"all": PLATFORM}, "Vertex AI gives node ExampleGen no"),
    ],
)
def test_what_the_target_does_not_have_is_refused(post, target, section, said):
    with pytest.raises(PostprocessError, match=said):
        post(target, **section)
