from __future__ import annotations

import pytest

from serving.server.status import StatusError
from serving.server.versions import text_config
from serving.server.versions.model_config import All, Latest, ModelConfig, Specific
from serving.server.versions.text_config import BatchingParameters

MODELS = """
model_config_list {
  config { name: "a" base_path: "/a" model_platform: "tensorflow" }
  config {
    name: "b" base_path: "/b" model_platform: "tensorflow"
    model_version_policy { specific { versions: 1 versions: 3 } }
    version_labels { key: "stable" value: 1 }
  }
  config {
    name: "c" base_path: "/c" model_platform: "tensorflow" model_version_policy { all {} }
  }
  config {
    name: "d" base_path: "/d" model_type: TENSORFLOW
    model_version_policy { latest { num_versions: 2 } }
  }
}
"""


def test_models_policies_and_labels_are_read():
    assert text_config.parse_models(MODELS) == [
        ModelConfig("a", "/a"),
        ModelConfig("b", "/b", Specific(frozenset((1, 3))), {"stable": 1}),
        ModelConfig("c", "/c", All()),
        ModelConfig("d", "/d", Latest(2)),
    ]


def configs(*models: str) -> str:
    return "model_config_list {" + " ".join(f"config {{ {model} }}" for model in models) + "}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("model_config_list { config { nam", "Error parsing text-format tensorflow.serving.Model"),
        (
            configs('name: "a" base_path: "/a"'),
            "nor ModelServerConfig::model_platform, model name is a",
        ),
        (
            configs('name: "a" base_path: "/a" model_platform: "other"'),
            "Model a requests unsupported platform other",
        ),
        (
            configs(
                'name: "a" base_path: "/a" model_platform: "tensorflow" model_type: TENSORFLOW'
            ),
            "Illegal setting both",
        ),
        (configs('name: "a" base_path: "/a" model_type: OTHER'), "model_type choice 2 not supp"),
        (
            configs(*['name: "a" base_path: "/a" model_platform: "tensorflow"'] * 2),
            "Illegal to list model a multiple times in config list",
        ),
        (
            configs('name: "a" base_path: "models/a" model_platform: "tensorflow"'),
            "Expected model a to have an absolute path or URI; got base_path\\(\\)=models/a",
        ),
        (configs('name: "a" model_platform: "tensorflow"'), "to have an absolute path or URI"),
        ("custom_model_config {}", "custom model config"),
    ],
)
def test_a_bad_model_config_is_refused(text: str, problem: str):
    with pytest.raises(StatusError, match=problem):
        text_config.parse_models(text)


def test_a_known_model_does_not_change_its_platform():
    text = configs('name: "a" base_path: "/a" model_platform: "other"')
    with pytest.raises(StatusError, match="For model a platform was tensorflow and new platform"):
        text_config.parse_models(text, known=["a"])


@pytest.mark.parametrize("path", ["gs://bucket/a", "s3://a", "file:///a", "/", "//a"])
def test_a_base_path_may_be_an_address(path: str):
    text = configs(f'name: "a" base_path: "{path}" model_platform: "tensorflow"')
    assert text_config.parse_models(text) == [ModelConfig("a", path)]


@pytest.mark.parametrize("text", ["", " \n", "# only a comment\n"])
def test_a_file_without_a_config_is_no_order_to_serve_nothing(text: str):
    assert text_config.parse_models(text) is None
    assert text_config.parse_models("model_config_list {}") == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", None),
        ("prometheus_config { enable: false }", None),
        ("prometheus_config: { enable: true }", "/monitoring/prometheus/metrics"),
        ('# why\nprometheus_config {\n  enable: true,\n  path: "/m"\n}\n', "/m"),
    ],
)
def test_monitoring_is_on_only_when_the_config_says_so(text: str, path: str | None):
    assert text_config.parse_monitoring(text) == path


def test_batching_parameters_are_read():
    text = """
      max_batch_size { value: 32 }
      batch_timeout_micros { value: 500 }
      allowed_batch_sizes: 8
      allowed_batch_sizes: 32
      pad_variable_length_inputs: true
    """
    assert text_config.parse_batching(text) == BatchingParameters(
        max_batch_size=32, batch_timeout_micros=500, allowed_batch_sizes=(8, 32)
    )


@pytest.mark.parametrize(
    "text",
    [
        "max_batch_size { value: many }",
        "max_batch_size { value: 8 } allowed_batch_sizes: 16",
        "allowed_batch_sizes: 8 allowed_batch_sizes: 4",
        "max_batch_size {",
        "}",
        "%",
    ],
)
def test_bad_batching_parameters_are_refused(text: str):
    with pytest.raises(StatusError):
        text_config.parse_batching(text)


def test_the_config_of_sessions_is_read_or_refused():
    text = "graph_options { rewrite_options { disable_meta_optimizer: true } }"
    assert text_config.parse_session(text).graph_options.rewrite_options.disable_meta_optimizer
    with pytest.raises(StatusError, match=r"Error parsing .* tensorflow\.ConfigProto"):
        text_config.parse_session("graph_options { no_such: 1 }")


def test_a_file_that_cannot_be_read_is_named():
    with pytest.raises(StatusError, match="/no/such/file"):
        text_config.read("/no/such/file")
