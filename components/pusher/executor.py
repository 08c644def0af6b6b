"""Publishes the candidate, or says why not."""

from __future__ import annotations

import datetime
import hashlib
import logging
import os
import shlex
import uuid
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils, standard_component_specs

from components.kept_at import kept_at
from components.pusher import inputs
from components.pusher.confirmation import Confirmation, ConfirmError, confirmation_of
from components.pusher.decision import (
    Decision,
    StaleVerdictError,
    check_warm_up,
    decide,
    no_new_data,
    withdrawn,
)
from components.pusher.driver import PUSH_ID_KEY
from components.pusher.provenance import build
from documents.evaluator_verdict import EvaluatorVerdict
from documents.outcome import push_line
from documents.provenance import ArtifactReference, Provenance, WithdrawalNote
from documents.saved_model import WARM_UP, WARM_UP_FILE
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingRecord
from serving.base_path import storage
from serving.base_path.confirmation import record_confirmation
from serving.base_path.content import PROVENANCE
from serving.base_path.errors import BasePathError
from serving.base_path.ledger import now
from serving.base_path.state import list_withdrawn
from serving.base_path.versions import STAGING, Version, live_version, provenance_of, publish
from serving.base_path.withdrawal import withdraw

Artifacts = dict[str, list[types.Artifact]]


class Executor(base_executor.BaseExecutor):
    """Replaces upstream's executor, which copies straight into the version's folder."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Decides, publishes, has it confirmed, and keeps a copy, as upstream does.

        A version that the model server does not confirm is withdrawn, which is no error.

        Args:
          input_dict: `model`; `model_blessing` and `infra_blessing` where they are wired.
          output_dict: `pushed_model`.
          exec_properties: `push_destination`, `custom_config`, and the driver's `push_id`.

        Raises:
          BasePathError: the base path cannot be read, or not be written (PublishError).
          DamagedError: the model is not what the Trainer wrote.
          StaleVerdictError: what would be pushed, or over what, is not what was judged.
          ConfirmError: no model server answers while a version is live, or one that is live
            already is not served.
          MissingReferenceError: a push is to be confirmed, and the model has no reference.
        """
        pushed_model = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.PUSHED_MODEL_KEY]
        )
        base = inputs.base_path(exec_properties)
        digest = inputs.candidate_digest(input_dict)
        version, live = inputs.live_choice(base)
        nothing_new = _nothing_new(input_dict, version)
        decision = decide(
            inputs.verdicts(input_dict),
            digest,
            live,
            inputs.withdrawal(base, digest),
        )
        confirmation = None
        if decision.outcome != "refused":
            confirmation = _confirmation(input_dict, exec_properties, base)
        if decision.outcome == "pushed":
            version = self._publish(input_dict, exec_properties, base, digest)
        if confirmation and version:
            decision = _confirm(confirmation, decision, base, version)
            if decision.outcome != "withdrawn":
                record_confirmation(version, confirmation.url, digest)
                _set(pushed_model, confirmed_at=now(), confirm_url=confirmation.url)
        if decision.outcome == "pushed" and version:
            storage.copy(version.path, storage.files(version.path), pushed_model.uri)
        pushed_model.set_int_custom_property("pushed", int(decision.outcome == "pushed"))
        _set(pushed_model, outcome=decision.outcome)
        if version and decision.outcome != "refused":
            _set(pushed_model, pushed_destination=version.path, pushed_version=str(version.number))
        if decision.reason:
            _set(pushed_model, reason=decision.reason)
        if nothing_new:
            _set(pushed_model, no_new_data=nothing_new)
            logging.getLogger(__name__).info(nothing_new)
        reason = decision.reason or (version.path if version else "")
        logging.getLogger(__name__).info("%s", push_line(decision.outcome, reason))

    def _publish(
        self, input_dict: Artifacts, exec_properties: dict[str, Any], base: str, digest: str
    ) -> Version:
        config = inputs.custom_config(exec_properties)
        training = inputs.document(input_dict, "model", TrainingRecord)
        evaluation = inputs.document(input_dict, "model_blessing", EvaluatorVerdict)
        serving_check = inputs.document(input_dict, "infra_blessing", ServingVerdict)
        warm_up = inputs.file_content(input_dict, "infra_blessing", WARM_UP_FILE)
        warm_up_digest = None if warm_up is None else hashlib.sha256(warm_up).hexdigest()
        check_warm_up(serving_check, warm_up_digest)
        verdicts = inputs.verdicts(input_dict)

        def check(found: str, live: Version | None) -> None:
            # Time has passed since it was decided: others may have published, or files changed.
            again = decide(verdicts, found, inputs.choice_of(live), inputs.withdrawal(base, found))
            if again.outcome != "pushed" or found != digest:
                raise StaleVerdictError(
                    "The model was published by somebody else, or changed, at the same moment, so"
                    " nothing is pushed; run the pipeline again."
                )

        def extra_files(number: int) -> dict[str, bytes]:
            document = build(
                model_name=config.get("model_name"),
                version=number,
                pushed_at=datetime.datetime.now(datetime.timezone.utc).isoformat(
                    timespec="seconds"
                ),
                # Kubeflow Pipelines does not run the drivers of custom components.
                push_id=exec_properties.get(PUSH_ID_KEY) or uuid.uuid4().hex,
                run_id=self._context.pipeline_run_id if self._context else None,
                content_digest=digest,
                warm_up_sha256=warm_up_digest,
                training=training,
                evaluation=evaluation,
                serving_check=serving_check,
                artifacts={
                    key: ArtifactReference(id=artifact.id, uri=kept_at(artifact))
                    for key, artifacts in input_dict.items()
                    for artifact in artifacts
                },
            )
            files = {PROVENANCE: document.encode()}
            if warm_up is not None:
                files[WARM_UP] = warm_up
            return files

        return publish(inputs.model_path(input_dict), base, extra_files=extra_files, check=check)


def _nothing_new(input_dict: Artifacts, live: Version | None) -> str | None:
    found = provenance_of(live.path) if live else None
    record = inputs.document(input_dict, "model", TrainingRecord)
    return no_new_data(
        record.data if record else None,
        found.data if found else None,
        live.number if live else None,
    )


def _confirmation(
    input_dict: Artifacts, exec_properties: dict[str, Any], base: str
) -> Confirmation | None:
    """What has to confirm the push, before anything is published.

    A server that watches an empty base path opens its ports only when there is something to serve
    (model_servers/server.cc), so before the first push it need not answer.
    """
    model = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_KEY])
    confirmation = confirmation_of(inputs.custom_config(exec_properties), model.uri)
    if confirmation and live_version(base):
        confirmation.check_reachable()
    return confirmation


def _confirm(
    confirmation: Confirmation, decision: Decision, base: str, version: Version
) -> Decision:
    """The decision that holds once the server was asked; withdraws what this push published."""
    problem = confirmation.problem(version.number)
    if problem is None:
        return decision
    if decision.outcome != "pushed":
        raise ConfirmError(
            f"Version {version.number} is live, but {problem}; mend the server, or withdraw it with"
            f" `python -m serving withdraw {version.number} --base-path {shlex.quote(base)}`."
        )
    reason = f"not confirmed: {problem}"
    try:
        withdraw(base, version.number, reason=reason, leave_nothing=True)
    except BasePathError as error:
        raise ConfirmError(
            f"Version {version.number} was {reason}; withdrawing it failed: {error}"
        ) from error
    _note(base, version.number, reason)
    return withdrawn(version.number, problem)


def _note(base: str, number: int, reason: str) -> None:
    """Writes into the provenance of a withdrawn version why it was; nobody serves it by now."""
    for version in list_withdrawn(base):
        if version.number == number:
            known = provenance_of(version.path) or Provenance()
            noted = known.replaced(withdrawn=WithdrawalNote(at=now(), reason=reason))
            # Beside the version, which holds nothing but its content; the next publish clears up.
            scratch = os.path.join(base, f"{STAGING}{uuid.uuid4().hex}")
            storage.write_document(noted, os.path.join(version.path, PROVENANCE), scratch)


def _set(artifact: types.Artifact, **properties: str) -> None:
    for name, value in properties.items():
        artifact.set_string_custom_property(name, value)
