"""Stand-ins for the nodes around Baseline and Pusher: no TensorFlow model is made or loaded."""

# TFX reads the annotations of a @component at run time, so they may not be postponed here, and
# they mean more to it than to a type checker.
# mypy: ignore-errors

import json
import os
from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from serving.base_path.content import content_digest


@component
def FakeTrainer(weights: Parameter[str], model: OutputArtifact[standard_artifacts.Model]):
    folder = Path(model.uri, "Format-Serving")
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_text("graph")
    (folder / "variables" / "variables.index").write_text(weights)
    Path(model.uri, "training.json").write_text(json.dumps({"code_hash": "c", "steps": 1}))


@component
def FakeEvaluator(
    model: InputArtifact[standard_artifacts.Model],
    baseline: InputArtifact[standard_artifacts.Model],
    refusal: Parameter[str],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
):
    has_baseline = os.path.exists(os.path.join(baseline.uri, "Format-Serving"))
    verdict = {
        "blessed": not refusal,
        "reason": refusal or None,
        "content_digest": content_digest(os.path.join(model.uri, "Format-Serving")),
        "baseline": {
            "version": baseline.get_int_custom_property("version"),
            "digest": baseline.get_string_custom_property("digest"),
        }
        if has_baseline
        else None,
    }
    Path(blessing.uri, "verdict.json").write_text(json.dumps(verdict))
    blessing.set_int_custom_property("blessed", int(not refusal))
