"""The section `kubeflow`."""

import pydantic
import pytest

from pipeline.kubeflow.options import KubeflowOptions


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
    assert trainer.retry.times == 2


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"all": {"resources": {"cpu_request": 2, "cpu_limit": 1}}}, "over cpu_limit"),
        ({"all": {"secrets": [{"name": "a"}]}}, "needs env or mount_path"),
        ({"all": {"gpu": 1}}, "gpu"),
        ({"project_folder": "opt"}, "project_folder"),
        ({"all": {"volumes": [{"claim": "a", "mount_path": "b"}]}}, "mount_path"),
    ],
)
def test_a_wrong_option_is_refused(section, said):
    with pytest.raises(pydantic.ValidationError, match=said):
        KubeflowOptions.model_validate(section)
