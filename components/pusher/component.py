"""The Pusher node."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.components.pusher import component
from tfx.dsl.components.base import executor_spec
from tfx.orchestration import data_types
from tfx.proto import pusher_pb2

from components.pusher.driver import Driver
from components.pusher.executor import Executor


class Pusher(component.Pusher):
    """Publishes a blessed model into a TF Serving base path, unless the same content is live.

    Component `outputs` contains:
      `pushed_model`: PushedModel, a copy of what was published. Custom properties `pushed` (int),
      `pushed_destination` and `pushed_version` as upstream, also set when the model already is
      live; `outcome` (`pushed`, `already_live`, `refused` or `withdrawn`); `reason` when nothing
      stayed pushed; `confirmed_at` and `confirm_url` once a model server confirmed the version.

    The published version holds `assets.extra/provenance.json`, which docs/base_path.md describes.
    The driver adds the execution property `push_id`, so that an equal run is a cache hit exactly
    when pushing again would change nothing.

    Example:
      pusher = Pusher(
          model=trainer.outputs["model"],
          model_blessing=evaluator.outputs["blessing"],
          infra_blessing=serving_check.outputs["blessing"],
          push_destination=pusher_pb2.PushDestination(
              filesystem=pusher_pb2.PushDestination.Filesystem(base_directory="/srv/letters")
          ),
          custom_config={
              "model_name": "letters",
              "code_hash": code_hash("components.pusher.executor", "components.pusher.driver"),
          },
      )
    """

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
    DRIVER_CLASS = Driver

    def __init__(
        self,
        model: types.BaseChannel[Any],
        push_destination: pusher_pb2.PushDestination | data_types.RuntimeParameter,
        model_blessing: types.BaseChannel[Any] | None = None,
        infra_blessing: types.BaseChannel[Any] | None = None,
        custom_config: dict[str, Any] | None = None,
    ):
        """Wires the node.

        Args:
          model: the candidate.
          push_destination: names the base path.
          model_blessing: the Evaluator's; without it every candidate passes there.
          infra_blessing: the ServingCheck's or InfraValidator's; likewise.
          custom_config: `model_name` for the provenance, and `code_hash`, which makes TFX's cache
            see edits; `confirm` with `url`, `seconds` and the serving check's `options` (JSON) has
            the model server at `url` confirm each push, or withdraws it.
        """
        super().__init__(
            model=model,
            model_blessing=model_blessing,
            infra_blessing=infra_blessing,
            push_destination=push_destination,
            custom_config=custom_config,
        )
