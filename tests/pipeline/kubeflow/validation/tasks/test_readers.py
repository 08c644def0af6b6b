"""What steps are told as text, read as they will read it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.kubeflow.validation.tasks import readers

INPUT = ("tfx.proto.example_gen_pb2", "Input")
TRANSFORM_SPLITS = ("tfx.proto.transform_pb2", "SplitsConfig", "analyze")
DECLARATION = json.dumps(
    {
        "features": {"fare": {"kind": "number"}},
        "label": {"name": "tip", "kind": "classes", "values": ["no", "yes"]},
    }
)
TRAINER: dict[str, Any] = {
    "declaration": DECLARATION,
    "training": {},
    "hub": None,
    "checkpoints": None,
    "code_hash": "0",
}
METRIC = {"class_name": "AUC"}
EVALUATION: dict[str, Any] = {
    "model_specs": [{"label_key": "tip"}],
    "metrics_specs": [{"metrics": [METRIC]}],
}


def evaluation(**metric: Any) -> str:
    return json.dumps({**EVALUATION, "metrics_specs": [{"metrics": [{**METRIC, **metric}]}]})


READ = {
    "an object": (readers.json_object, '{"a": 1}'),
    "a message": (readers.message(*INPUT), '{"splits": [{"name": "a", "pattern": "b"}]}'),
    "splits of a message": (readers.splits(*TRANSFORM_SPLITS), '{"analyze": ["train"]}'),
    "splits": (readers.split_names, '["train", "test"]'),
    "no splits are all": (readers.split_names, "null"),
    "an input": (readers.input_config, '{"splits": [{"name": "train", "pattern": "*.csv"}]}'),
    "an evaluation": (readers.eval_config, json.dumps(EVALUATION)),
    "a metric of its own module": (
        readers.eval_config,
        evaluation(class_name="R2Score", module="components.evaluator.r2_score"),
    ),
    "options of the check": (readers.serving_check, "{}"),
    "a declaration and the code": (
        readers.transform_config,
        json.dumps({"declaration": DECLARATION, "code_hash": "0"}),
    ),
    "all that the Trainer is told": (readers.trainer_config, json.dumps(TRAINER)),
    "a pusher that confirms nothing": (readers.pusher_config, "null"),
    "the name of a model": (readers.pusher_config, '{"model_name": "trips"}'),
    "a schema": (readers.schema_text, 'feature { name: "fare" }'),
    "one of two": (readers.one_of("a", "b"), "b"),
    "the least": (readers.at_least(1), 1),
    "a parameter of the run, as at_least meets it": (readers.at_least(1), "{{a}}"),
    "a digest": (readers.sha256, "0" * 64),
    "a text": (readers.text, "a"),
}
REFUSED = {
    "no JSON": (readers.json_object, "{", "not valid JSON|Expecting|JSON"),
    "a list": (readers.json_object, "[]", "object"),
    "an unknown field": (readers.message(*INPUT), '{"split": []}', "is no Input .*split"),
    "a split that nobody makes": (
        readers.splits(*TRANSFORM_SPLITS),
        '{"analyze": ["valid"]}',
        "names the split 'valid'; there are train, eval, test",
    ),
    "no split": (readers.splits(*TRANSFORM_SPLITS), "{}", "names no split"),
    "splits without a list": (readers.split_names, '{"train": 1}', "is no list of splits"),
    "numbers for splits": (readers.split_names, "[1]", "is no list of splits"),
    "an unknown split": (readers.split_names, '["valid"]', "names the split 'valid'"),
    "an input without files": (readers.input_config, "{}", "names no files"),
    "a split without a pattern": (
        readers.input_config,
        '{"splits": [{"name": "train"}]}',
        "has no pattern for the split 'train'",
    ),
    "an evaluation of nothing": (readers.eval_config, "{}", "needs model_specs and metrics_specs"),
    "an unknown metric": (
        readers.eval_config,
        evaluation(class_name="Acuracy"),
        "names the metric 'Acuracy', which nobody has",
    ),
    "a bound that nothing passes": (
        readers.eval_config,
        evaluation(threshold={"value_threshold": {"lower_bound": 1.5}}),
        "is refused: .*1.5",
    ),
    "an unknown option of the check": (
        readers.serving_check,
        '{"growth_request": 3}',
        "is refused: .*growth_request",
    ),
    "a declaration without a label": (
        readers.transform_config,
        json.dumps({"declaration": "{}", "code_hash": "0"}),
        "is refused: ",
    ),
    "no digest of the code": (
        readers.transform_config,
        json.dumps({"declaration": DECLARATION}),
        "has no key `code_hash`, which the step reads",
    ),
    "training for no epoch": (
        readers.trainer_config,
        json.dumps({**TRAINER, "training": {"epochs": 0}}),
        "is refused: .*epochs",
    ),
    "a module of no address": (
        readers.trainer_config,
        json.dumps({**TRAINER, "hub": {"handle": "http://example.com/m"}}),
        "is refused: ",
    ),
    "a pusher of no model": (readers.pusher_config, "{}", "has no key `model_name`"),
    "a name with a slash": (readers.model_name, "a/b", "names no model"),
    "a name that is too long": (readers.model_name, "a" * 1000, "names no model"),
    "no protobuf text": (readers.schema_text, "feature: 3", "is no schema in protobuf text"),
    "a schema of nothing": (readers.schema_text, "", "has no feature"),
    "neither": (readers.one_of("a", "b"), "c", "= 'c'; it is a or b"),
    "no number of an enum": (
        readers.number_of("tfx.proto.example_gen_pb2", "PayloadFormat"),
        99,
        "= 99 is none of PayloadFormat's numbers",
    ),
    "less than the least": (readers.at_least(1), 0.5, "= 0.5 is less than 1"),
    "a short digest": (readers.sha256, "0" * 63, "is no sha256"),
    "blanks": (readers.text, "  ", "is empty"),
}


@pytest.mark.parametrize("name", READ)
def test_what_a_step_takes_is_taken(name):
    reader, value = READ[name]
    reader(value)


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_step_refuses_is_refused_with_the_reason(name):
    reader, value, why = REFUSED[name]
    with pytest.raises(ValueError, match=why):
        reader(value)


def test_settings_of_a_group_are_read_from_json():
    from models.module_settings import HubSettings

    read = readers.section(HubSettings)
    with pytest.raises(ValueError, match=r"is refused: .*handle"):
        read("{}")
    read('{"handle": "models/modules/a"}')
