"""A declaration as `features.json` describes it."""

from __future__ import annotations

from collections.abc import Mapping

from documents.features import Feature, Features, Input, Label, Seen, Table
from documents.predict_request import PredictRequest
from models.declaration import Declaration
from models.features.kind import FeatureKind
from models.labels.kind import LabelKind


def describe(
    declaration: Declaration,
    example: PredictRequest | None = None,
    seen: Mapping[str, Seen] | None = None,
    table: Table | None = None,
) -> Features:
    """The document, with a request that can be sent, what the data hold and how their files are
    written, where that is known."""
    used = declaration.used
    inputs = {name: kind.served(name, alone=len(used) == 1) for name, kind in used.items()}
    found = Features(
        features=tuple(
            _feature(name, kind, inputs.get(name), (seen or {}).get(name))
            for name, kind in declaration.features.items()
        ),
        label=described_label(declaration.label, (seen or {}).get(declaration.label.name)),
        example=example,
    )
    return found.replaced(table=table) if table else found


def declared(document: Features) -> Declaration:
    """The declaration that was described."""
    return Declaration.model_validate(
        {
            "features": {
                feature.name: {"kind": feature.kind, **feature.options}
                for feature in document.features
            },
            "label": {
                "name": document.label.name,
                "kind": document.label.kind,
                **document.label.options,
            },
        }
    )


def _feature(name: str, kind: FeatureKind, served: Input | None, seen: Seen | None) -> Feature:
    options = kind.model_dump(mode="json", exclude={"kind"}, exclude_none=True)
    found = Feature(
        name=name,
        kind=kind.kind,
        options=options,
        input=served,
        default=kind.default,
    )
    return found.replaced(seen=seen) if seen else found


def described_label(label: LabelKind, seen: Seen | None = None) -> Label:
    """What `features.json` says of a label."""
    found = Label(
        name=label.name,
        kind=label.kind,
        options=label.model_dump(mode="json", exclude={"name", "kind"}, exclude_none=True),
        values=label.names,
        outputs=label.outputs,
    )
    return found.replaced(seen=seen) if seen else found
