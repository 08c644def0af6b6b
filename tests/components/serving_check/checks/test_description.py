"""What is pushed with a model describes it, or nothing does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from components.serving_check.checks import description
from components.serving_check.options import Options
from documents.features import Features
from documents.predict_request import PredictRequest
from models.description import describe
from tests.components.serving_check.parts import served_of
from tests.fashion_mnist import DECLARATION, LABELS

TRUE = describe(DECLARATION)
TURNED = TRUE.model_copy(
    update={"label": TRUE.label.model_copy(update={"values": tuple(reversed(LABELS))})}
)
OTHER = TRUE.model_copy(
    update={"features": (TRUE.features[0].model_copy(update={"name": "photo"}),)}
)
ASKED = TRUE.model_copy(
    update={"example": PredictRequest(signature_name="serving_default", instances=(7,))}
)


def row(
    folder: Path, pushed: Features | bytes | None, beside: Features | None = TRUE, labels=LABELS
):
    if pushed is not None:
        (folder / "assets.extra").mkdir()
        content = pushed if isinstance(pushed, bytes) else pushed.encode()
        (folder / "assets.extra" / "features.json").write_bytes(content)
    reference = SimpleNamespace(described=beside, labels=labels)
    found = description.measure(served_of(candidate=folder, reference=reference))
    return description.judge(found, Options())


def test_the_same_passes(tmp_path):
    [check] = row(tmp_path, TRUE)
    assert (check.ok, check.found) == (True, "what the trained model takes and answers")
    assert check.expected == (
        "assets.extra/features.json to describe the trained model, if there is one"
    )


def test_what_has_no_description_and_no_folder_for_one_has_no_row(tmp_path):
    assert row(tmp_path, None, None) == []


@pytest.mark.parametrize("beside", [TRUE, None])
def test_a_model_without_one_is_read_by_its_signatures(tmp_path, beside):
    assert all(check.ok for check in row(tmp_path, None, beside))


@pytest.mark.parametrize(
    ("pushed", "beside", "labels", "said"),
    [
        (TURNED, TRUE, LABELS, "label 0 called 'Ankle boot' instead of 'T-shirt/top'"),
        (TURNED, TURNED, LABELS, "label 0 called 'Ankle boot'"),
        (None, TURNED, LABELS, "beside the model with label 0"),
        (TRUE, TRUE, LABELS[:9], "10 labels instead of 9"),
        (OTHER, TRUE, LABELS, "another 'features' in assets.extra/features.json"),
        (TURNED, TRUE, None, "another 'label' in"),
        (ASKED, TRUE, LABELS, "another 'example' in"),
        (b"{", TRUE, LABELS, "assets.extra/features.json, which "),
    ],
)
def test_what_would_mislead_clients_is_said(tmp_path, pushed, beside, labels, said):
    [check] = row(tmp_path, pushed, beside, labels)
    assert not check.ok
    assert said in check.found
    assert "\n" not in check.found
