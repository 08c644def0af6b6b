"""Values held against the tables of messages."""

from __future__ import annotations

import datetime

import hypothesis
import hypothesis.strategies as st
import pytest
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

from pipeline.kubeflow.validation.messages.pipeline import PIPELINE_MESSAGES
from pipeline.kubeflow.validation.messages.strict import MESSAGES, strict
from tests.examples import examples

RETRY = "PipelineTaskSpec.RetryPolicy"


@pytest.mark.parametrize(
    ("message", "value", "read"),
    [
        (RETRY, {"maxRetryCount": "2"}, {"maxRetryCount": 2}),
        (RETRY, {"maxRetryCount": 2.0}, {"maxRetryCount": 2}),
        (RETRY, {"max_retry_count": 2}, {"maxRetryCount": 2}),
        (RETRY, {"backoffFactor": "1.5"}, {"backoffFactor": 1.5}),
        (RETRY, {"backoffDuration": "1.5s"}, {"backoffDuration": "1.5s"}),
        (RETRY, {"backoffDuration": None}, {}),
        (
            "ComponentInputsSpec.ParameterSpec",
            {"parameterType": 3, "defaultValue": None},
            {"parameterType": "STRING", "defaultValue": None},
        ),
        ("ComponentRef", {}, {}),
        ("DagSpec", {"tasks": {"a.b": {}}}, {"tasks": {"a.b": {}}}),
    ],
)
def test_what_the_server_reads_is_read_under_one_name(message, value, read):
    assert strict(value, message) == (read, [])


@pytest.mark.parametrize(
    ("message", "value", "where", "what", "fix"),
    [
        (RETRY, {"maxRetrys": 2}, "maxRetrys", "is no field", "did you mean maxRetryCount?"),
        (
            RETRY,
            {"backoffDuration": "1m"},
            "backoffDuration",
            "= '1m' is text where seconds",
            "90s",
        ),
        (RETRY, {"backoffFactor": "4Gi"}, "backoffFactor", "where a number must be", "4Gi"),
        (RETRY, {"backoffFactor": "inf"}, "backoffFactor", "where a number must be", ""),
        (RETRY, {"backoffFactor": 10**400}, "backoffFactor", "where a finite number", ""),
        (RETRY, {"maxRetryCount": True}, "maxRetryCount", "= True is true or false where", ""),
        (RETRY, {"maxRetryCount": 2**31}, "maxRetryCount", "a number of 32 bits", "smaller"),
        (RETRY, [], "the file", "is a list where a mapping must be", "maxRetryCount"),
        (RETRY, None, "the file", "is empty where a mapping", ""),
        ("ComponentRef", {"name": 1}, "name", "= 1 is a number where text", "quotes"),
        (
            "ComponentRef",
            {"name": datetime.date(2026, 1, 2)},
            "name",
            "= '2026-01-02' is a date",
            "",
        ),
        ("DagSpec", {"tasks": {"a": None}}, "tasks.a", "is empty where a value must be", ""),
        ("DagSpec", {"tasks": [1]}, "tasks", "is a list where a mapping must be", ""),
        (
            "ComponentInputsSpec.ParameterSpec",
            {"parameterType": "NUMBER_INT"},
            "parameterType",
            "where one of the names known there",
            "did you mean NUMBER_INTEGER?",
        ),
        (
            "PlatformSpec",
            {"platforms": {"kubernetes": {"tolerations": []}}},
            "platforms.kubernetes.tolerations",
            "is no field of platforms.kubernetes",
            "it belongs to platforms.kubernetes.deploymentSpec.executors.*; move it there",
        ),
        (
            "PipelineSpec",
            {"root": {"retryPolicy": {}}},
            "root.retryPolicy",
            "is no field of root",
            "it belongs to root.dag.tasks.*",
        ),
    ],
)
def test_what_it_refuses_is_said_with_path_and_mend(message, value, where, what, fix):
    _, [said] = strict(value, message)
    assert said.where == where
    assert what in said.what
    assert fix in said.fix


def test_equal_faults_of_tasks_are_of_one_kind_and_others_are_not():
    wrong = {"retryPolicy": {"backoffDuration": "1m"}}
    _, said = strict({"tasks": {"a": wrong, "b": wrong}}, "DagSpec")
    assert {found.kind for found in said} == {"tasks.*.retryPolicy.backoffDuration"}
    _, said = strict({"backoffDuration": "1m", "backoffMaxDuration": "1m"}, RETRY)
    assert len({found.kind for found in said}) == 2


def test_the_tables_know_every_field_of_the_locked_package():
    """`.ci/newest_client.py` compares all of it, with the newest."""
    for message in (pipeline_spec_pb2.PipelineSpec, pipeline_spec_pb2.PipelineTaskSpec):
        names = {field.json_name for field in message.DESCRIPTOR.fields}
        assert names <= set(PIPELINE_MESSAGES[message.DESCRIPTOR.name])


def _value(kind: str) -> st.SearchStrategy:
    kind = kind.partition(" @")[0]
    many, _, inner = kind.rpartition(" ")
    if many == "list":
        return st.lists(_value(inner), max_size=2)
    if many == "map":
        return st.dictionaries(st.text(max_size=3), _value(inner), max_size=2)
    if kind in MESSAGES:
        fields = {f: _value(k) for f, k in MESSAGES[kind].items() if " @" not in k}
        return st.fixed_dictionaries({}, optional=fields)
    return {
        "text": st.text(max_size=5),
        "bool": st.booleans(),
        "double": st.floats(allow_nan=False, allow_infinity=False),
        "int32": st.integers(-(2**31), 2**31 - 1),
        "int64": st.integers(-(2**63), 2**63 - 1),
        "duration": st.sampled_from(["0s", "1.5s", "-3s"]),
        "struct": st.just({"a": [1, None]}),
        "any": st.one_of(st.none(), st.text(max_size=3), st.just([True])),
    }.get(kind, st.just(1))


@hypothesis.given(_value("PipelineTaskSpec"))
def test_whatever_protobuf_reads_is_read_here_too(task):
    made, said = strict(task, "PipelineTaskSpec")
    assert said == []
    read, ours = (
        # The locked package is older than some of the fields.
        json_format.ParseDict(v, pipeline_spec_pb2.PipelineTaskSpec(), ignore_unknown_fields=True)
        for v in (task, made)
    )
    assert ours == read


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["root", "dag", "tasks", "inputs", "parameters", "a", "env"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=20,
)


@pytest.mark.medium
@hypothesis.given(JSON)
@hypothesis.settings(max_examples=examples(2))
def test_anything_else_is_said_and_no_crash(value):
    made, said = strict(value, "PipelineSpec")
    assert strict(made, "PipelineSpec") == (made, [])
    assert all(found.what and found.fix for found in said)
