"""A graph around Baseline and Pusher whose other nodes take no time."""

from __future__ import annotations

from pathlib import Path

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.proto import pusher_pb2

from components.baseline.component import Baseline
from components.pusher.component import Pusher


def graph(base: Path, weights: str, refusal: str = "") -> list[BaseComponent]:
    """Trainer, Baseline, Evaluator and Pusher.

    `fake_nodes.py` of this folder has to be found as a module of its own, as TFX names executors.

    Args:
      base: the base path.
      weights: of the model that is trained.
      refusal: of the evaluator; empty for a blessing.
    """
    import fake_nodes

    trainer = fake_nodes.FakeTrainer(weights=weights)
    model = trainer.outputs["model"]
    baseline = Baseline(model=model, base_path=str(base), code_hash="c")
    evaluator = fake_nodes.FakeEvaluator(
        model=model, baseline=baseline.outputs["baseline"], refusal=refusal
    )
    pusher = Pusher(
        model=model,
        model_blessing=evaluator.outputs["blessing"],
        push_destination=pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(base))
        ),
        custom_config={"model_name": "fake", "code_hash": "c"},
    )
    return [trainer, baseline, evaluator, pusher]
