"""Processes that train together are refused; everything else in TF_CONFIG is nobody's business."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cluster import ClusterError, refuse_cluster


@pytest.mark.parametrize(
    "cluster",
    [
        {"worker": ["a:1", "b:1"]},
        {"chief": ["a:1"], "worker": ["b:1"]},
        {"worker": {"0": "a:1", "1": "b:1"}},
        {"worker": ["a:1"], "ps": ["c:1"]},
    ],
)
def test_one_process_of_several_is_refused(cluster: dict[str, object]) -> None:
    text = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 0}})
    with pytest.raises(ClusterError, match=r"2 processes train together.*unset TF_CONFIG"):
        refuse_cluster({"TF_CONFIG": text})


def test_a_process_alone_may_train() -> None:
    for text in ("", "{", "{}", '{"cluster": {}}', '{"cluster": {"worker": ["a:1"]}}'):
        refuse_cluster({"TF_CONFIG": text})
    refuse_cluster({})


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_what_is_no_description_describes_nobody(text: str) -> None:
    refuse_cluster({"TF_CONFIG": text})
