"""Defects planted into the file that is really compiled, each with the check that names it.

They are examples of what the servers of Kubeflow Pipelines 2.17, Argo and Kubernetes refuse, drop
without a word, or fail on.
"""

from __future__ import annotations

import pytest

from tests.pipeline.kubeflow.validation.defects import containers, fields, graph, parameters, pods
from tests.pipeline.kubeflow.validation.defects.compiled import File

pytestmark = pytest.mark.slow
PLACES = (fields, graph, parameters, containers, pods)
DEFECTS = {name: defect for place in PLACES for name, defect in place.DEFECTS.items()}


def test_there_are_enough_of_them():
    assert len(DEFECTS) == sum(len(place.DEFECTS) for place in PLACES) >= 60


def test_what_is_compiled_is_clean(oss_documents, findings_of):
    assert findings_of(oss_documents) == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_and_named(compiled_documents, findings_of, defect):
    plant, check = DEFECTS[defect]
    plant(File(compiled_documents))
    found = findings_of(compiled_documents)
    assert check in [finding.check for finding in found]
    for finding in found:
        assert finding.where
        assert finding.fix
        assert len(finding.problem) < 1_000
