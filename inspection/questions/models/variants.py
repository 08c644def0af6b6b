"""Whether the smaller forms of a model are as good as it is, and what they cost."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from documents.variants import Variant, Variants
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Artifact, Run
from inspection.questions.models.last_made import last_made
from serving.base_path.versions import WITHDRAWN

TYPE = "ModelVariants"


@dataclasses.dataclass(frozen=True)
class VariantsAnswer:
    """The variants of one model."""

    artifact: int | None
    """The artifact that holds them; None where there is none."""
    document: Variants | None
    withdrawn: str | None = None
    """Where the published ones are since the version was withdrawn; None while it is not."""

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        if self.artifact is None:
            return (
                "No variants were ever made: `--set 'variants={make: [int8]}'` has a run make some"
                " of each model that it pushes; see docs/variants.md."
            )
        found = self.document
        if found is None:
            return (
                f"The file of the variants a{self.artifact} is gone or damaged, or lies in a"
                " folder or bucket that has to be named with --root."
            )
        of = f"{found.model} version {found.version}" if found.version else found.model
        if not found.variants:
            return f"No variant of {of} was made: {found.reason}"
        good = [variant.name for variant in found.variants if variant.blessed]
        named = ", ".join(good[:-1]) + (" and " if good[1:] else "") + "".join(good[-1:])
        verdict = f"{named or 'no variant'} {'are' if len(good) > 1 else 'is'} as good"
        others = len(found.variants) - len(good)
        refused = f", {others} {'is' if others == 1 else 'are'} not" if good and others else ""
        where = f"; published in {found.path}" if found.path else f": {found.reason}"
        if self.withdrawn:
            where = f", but they were withdrawn with the version; they lie in {self.withdrawn}"
        return (
            f"Of {of}, {verdict} as the model within the limits{refused}{where}".rstrip(".") + "."
        )


def variants_of(history: History, workspace: Workspace, run: Run | None) -> VariantsAnswer:
    """The variants that a run made or took from the cache, or those that were made last."""
    found = last_made(history, TYPE, run)
    return _answer(workspace, found) if found else VariantsAnswer(None, None)


def variants_about(
    history: History, workspace: Workspace, artifact: Artifact
) -> VariantsAnswer | None:
    """The variants that an artifact holds, or those that were made last of a model."""
    held = [artifact] if artifact.type == TYPE else _made_of(history, artifact)
    if not held:
        return None
    return _answer(workspace, held[-1])


def _answer(workspace: Workspace, artifact: Artifact) -> VariantsAnswer:
    document = workspace.read(Variants, artifact.uri)
    withdrawn = None
    if document and document.path:
        path = Path(document.path)
        withdrawn = workspace.find(str(path.with_name(f"{WITHDRAWN}{path.name}")))
    return VariantsAnswer(artifact.id, document, str(withdrawn) if withdrawn else None)


def _made_of(history: History, model: Artifact) -> list[Artifact]:
    readers = [event.step for event in history.events_of(model.id) if event.direction == "input"]
    return [
        made for step in readers for made in history.output_artifacts(step) if made.type == TYPE
    ]


def worst(variant: Variant) -> str | None:
    """The metric that lost most, for its limit."""
    if not variant.metrics:
        return None
    row = variant.metrics[0]
    if row.drop is None or row.now is None:
        return f"{row.metric} on {row.slice} is not a number"
    return f"{row.metric} on {row.slice} {row.now:.4f}, {-row.drop:+.4f} (limit {-row.max_drop:g})"
