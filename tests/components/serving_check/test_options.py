"""What the section `serving_check` may say, and how a mistake is answered."""

import json

import pytest

from components.serving_check.options import NodeOptions, OptionsError, parse_options

TAKES_EXAMPLES = {
    "feed": "example",
    "inputs": {"examples": {"dtype": "DT_STRING", "shape": [-1]}},
    "outputs": {"scores": {"dtype": "DT_FLOAT", "shape": [-1, 4]}},
}


def test_every_option_has_a_default():
    assert parse_options("{}") == NodeOptions()


def test_options_are_read():
    options = parse_options('{"p99_ms": 50, "image_shape": [32, 32, 3], "data_source": "sample"}')
    assert (options.p99_ms, options.image_shape) == (50, (32, 32, 3))
    assert options.data_source == "sample"


def test_another_model_brings_its_own_signatures():
    text = json.dumps({"signatures": {"serving_default": TAKES_EXAMPLES}, "output": "scores"})
    assert list(parse_options(text).signatures) == ["serving_default"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"p99": 1}, ["serving_check.p99", "did you mean `serving_check.p99_ms`"]),
        ({"colour": 1}, ["serving_check.colour", "known keys: load_seconds"]),
        ({"p50_ms": 0}, ["serving_check.p50_ms", "greater than 0"]),
        ({"megabytes": "much"}, ["serving_check.megabytes", "number"]),
        (
            {"signatures": {"s": {**TAKES_EXAMPLES, "output": {}}}},
            [
                "serving_check.signatures.s.output",
                "did you mean `serving_check.signatures.s.outputs`",
            ],
        ),
        (
            {"signatures": {"s": TAKES_EXAMPLES}},
            ["signature s has no output 'probabilities'"],
        ),
        (
            {"signatures": {"s": {**TAKES_EXAMPLES, "feed": "jpeg"}}},
            ["serving_check.signatures.s.feed", "'png'"],
        ),
        (
            {"signatures": {"s": {"feed": "png", "inputs": TAKES_EXAMPLES["inputs"]}}},
            ["serving_check.signatures.s.outputs", "missing"],
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_key_and_reason(options, words):
    with pytest.raises(OptionsError) as error:
        parse_options(json.dumps(options))
    message = str(error.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_what_is_not_json_is_refused():
    with pytest.raises(OptionsError, match="serving_check"):
        parse_options("p99_ms=3")


def test_options_written_as_json_read_back():
    options = NodeOptions(p99_ms=50, image_shape=(32, 32, 3))
    assert parse_options(options.model_dump_json()) == options
