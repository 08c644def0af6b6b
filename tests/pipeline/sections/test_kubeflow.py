"""The section `kubeflow`."""

import pydantic
import pytest

from pipeline.sections.kubeflow import KubeflowOptions
from tests.there import there


def test_a_nodes_own_options_come_over_those_of_all_nodes():
    options = KubeflowOptions.model_validate(
        {
            "all": {"env": {"A": "all", "B": "all"}, "resources": {"cpu_request": 3.0}},
            "nodes": {"Trainer": {"env": {"A": "own"}, "resources": {"memory_limit": 9.0}}},
        }
    )
    trainer = options.node("Trainer")
    assert trainer.env == {"A": "own", "B": "all"}
    assert trainer.resources.cpu_request == 3.0
    assert trainer.resources.memory_limit == 9.0
    assert there(trainer.retry).times == 2


def test_a_node_can_share_what_another_reads_its_data_with():
    options = KubeflowOptions.model_validate(
        {
            "nodes": {
                "ExampleGen": {
                    "volumes": [{"claim": "data", "mount_path": "/mnt/data"}],
                    "resources": {"memory_request": 64.0},
                    "cache": False,
                },
                "ExampleGenDriver": {"env": {"A": "1"}},
            }
        }
    )
    driver = options.node("ExampleGenDriver", like="ExampleGen")
    assert [volume.claim for volume in driver.volumes] == ["data"]
    assert driver.env == {"A": "1"}
    assert driver.resources.memory_request == 1.0
    assert driver.cache is None


def test_by_default_a_step_that_fails_after_days_is_still_tried_again():
    retry = there(KubeflowOptions().node("Trainer").retry)
    # Argo counts from the start of the first attempt.
    assert retry.window_seconds >= 7 * 24 * 3_600


def test_no_secret_to_pull_the_image_with_is_named_twice():
    options = KubeflowOptions.model_validate(
        {
            "all": {"image_pull_secrets": ["a", "b"]},
            "nodes": {"Trainer": {"image_pull_secrets": ["b", "c"]}},
        }
    )
    assert options.node("Trainer").image_pull_secrets == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"all": {"resources": {"cpu_request": 2, "cpu_limit": 1}}}, "over cpu_limit"),
        ({"all": {"secrets": [{"name": "a"}]}}, "needs env or mount_path"),
        ({"all": {"gpu": 1}}, "gpu"),
        ({"all": {"gpus": 1, "gpu_type": "tesla"}}, "nvidia.com/gpu"),
        ({"all": {"env": {"1A": "b"}}}, "not beginning with a digit"),
        ({"all": {"env": {"KFP_POD_NAME": "b"}}}, "Kubeflow's own"),
        ({"all": {"env": {"A": "{{workflow.name}}"}}}, "Argo would replace"),
        ({"all": {"volumes": [{"claim": "My_claim", "mount_path": "/b"}]}}, "small letters"),
        ({"all": {"secrets": [{"name": "a.b", "mount_path": "/b"}]}}, "that is mounted"),
        ({"all": {"secrets": [{"name": "a", "env": {"a b": "A"}}]}}, "letters, digits and"),
        ({"all": {"secrets": [{"name": "a", "env": {"a": "A="}}]}}, "letters, digits and"),
        ({"all": {"image_pull_secrets": ["A"]}}, "small letters"),
        ({"all": {"node_selector": {"a b": "c"}}}, "letters, digits and"),
        ({"all": {"node_selector": {"a": "c d"}}}, "letters, digits and"),
        ({"all": {"tolerations": [{"key": "a", "value": "b"}]}}, "Exists takes no value"),
        ({"all": {"resources": {"cpu_limit": 0.25}}}, "cpu_request 0.5 is over cpu_limit 0.25"),
        (
            {
                "all": {"volumes": [{"claim": "a", "mount_path": "/b"}]},
                "nodes": {"Trainer": {"volumes": [{"claim": "c", "mount_path": "/b/"}]}},
            },
            "nodes.Trainer gets what does not fit: two volumes have the mount_path /b",
        ),
        ({"all": {"run_as_user": 0}}, "run_as_user"),
        ({"all": {"retry": {"factor": 1.5}}}, "factor"),
        ({"all": {"retry": {"max_wait_seconds": 5}}}, "max_wait_seconds"),
        ({"all": {"retry": {"wait_seconds": 60, "window_seconds": 180}}}, "wait 180 s in all"),
        ({"all": {"retry": {"times": 10, "wait_seconds": 86_400, "factor": 10}}}, "cuts off"),
        ({"all": {"retry": {"window_seconds": 0}}}, "window_seconds"),
        ({"project_folder": "opt"}, "project_folder"),
        ({"all": {"volumes": [{"claim": "a", "mount_path": "b"}]}}, "mount_path"),
    ],
)
def test_a_wrong_option_is_refused(section, said):
    with pytest.raises(pydantic.ValidationError, match=said):
        KubeflowOptions.model_validate(section)
