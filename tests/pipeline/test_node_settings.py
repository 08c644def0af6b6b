"""What single nodes are told of the settings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from models.user_code import NETWORK, PREPROCESS
from pipeline.node_settings import confirm, learned, range_config, told
from pipeline.places import Places
from pipeline.settings import REPOSITORY, load_settings

QUICK = REPOSITORY / "configs" / "quick.yaml"
PLACES = Places(
    data="/data", data_source="folder", module_sha256="ab", base_path="/srv", artifacts="/artifacts"
)
CODE = """
def preprocess(features):
    return features


def network(features, outputs):
    return outputs
"""


def test_a_trainer_learns_of_each_module_by_its_content():
    found = learned(load_settings(QUICK), PLACES)
    assert found["hub"]["sha256"] == "ab"
    assert "modules" not in found
    module = "models/modules/fashion_mnist_encoder"
    of_one = load_settings(QUICK, ["hub=null", f"features.image.module={module}"])
    found = learned(of_one, dataclasses.replace(PLACES, modules={"image": "cd"}))
    assert found["hub"] is None
    assert found["modules"]["image"]["sha256"] == "cd"


def test_a_node_is_told_whether_there_is_the_other_function_and_not_which(tmp_path: Path):
    (tmp_path / "mine.py").write_text(CODE)
    settings = load_settings(QUICK, ["hub=null", f"code={tmp_path / 'mine.py'}"])
    assert told(load_settings(QUICK), NETWORK, PREPROCESS) == {}
    for own, other in ((NETWORK, PREPROCESS), (PREPROCESS, NETWORK)):
        code = told(settings, own, other)["code"]
        assert {name: "digest" in code[name] for name in code} == {own: True, other: False}


def test_a_span_is_read_alone():
    assert range_config(None) is None
    found = range_config(3)
    assert found is not None
    assert (found.static_range.start_span_number, found.static_range.end_span_number) == (3, 3)
    assert range_config(0) is not None


def test_who_confirms_pushes_is_asked_as_the_serving_check_asks():
    assert confirm(load_settings(QUICK)) is None
    url = "http://127.0.0.1:8501"
    found = confirm(load_settings(QUICK, [f"push.confirm_url={url}", "push.confirm_seconds=7"]))
    assert found is not None
    assert (found["url"], found["seconds"]) == (url, 7)
    assert '"image_shape":[28,28]' in found["options"].replace(" ", "")
