"""The model card of a published module, filled in from what its version records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from documents.provenance import Provenance
from documents.shown import shown
from documents.slice import slice_title
from documents.terminal.counted import counted
from models.features.image.kind import Image
from models.features.text.kind import Text
from models.publishing.check import Checked

UNKNOWN = "not recorded"
_MOST_METRICS = 6


@dataclass(frozen=True)
class Facts:
    """What a card is made of."""

    model: str
    feature: str
    number: int
    kind: Image | Text
    others: Sequence[str]
    """The other features of the model."""
    label: str
    """What the label is called."""
    provenance: Provenance
    checked: Checked
    sha256: str
    nbytes: int
    """Of the archive."""
    licence: str | None


def card(facts: Facts) -> str:
    """The card as Markdown."""
    return (
        "\n\n".join(
            [
                f"# Encoder of `{_plain(facts.feature)}` of {_plain(facts.model)},"
                f" version {facts.number}",
                "A TensorFlow Hub module: a reusable TF2 SavedModel, which `hub.KerasLayer` loads"
                " and fine-tunes.",
                _table(_interface(facts)),
                "## Where it comes from",
                _table(_origin(facts)),
                "## How good the model with it was",
                "These are figures of the whole model that it was trained in, not of the module"
                " alone.",
                _table(_metrics(facts.provenance, facts.label)),
                "## Limits",
                "\n".join(f"- {limit}" for limit in _limits(facts)),
                "## Use",
                _use(facts),
            ]
        )
        + "\n"
    )


def _interface(facts: Facts) -> Iterable[tuple[str, Any]]:
    checked = facts.checked
    between = " from 0 to 1" if isinstance(facts.kind, Image) else ", UTF-8"
    yield "takes", f"{checked.takes}{between}"
    yield "gives", checked.gives
    yield "size", f"{facts.nbytes / 1e6:.2f} MB packed"
    yield "parameters", f"{checked.trainable:,} trainable, {checked.fixed:,} others"
    yield "regularization losses", checked.losses
    yield "sha256 of the archive", f"`{facts.sha256}`"
    yield "licence", facts.licence or "not stated: ask who published it before you use it"


def _origin(facts: Facts) -> Iterable[tuple[str, Any]]:
    known = facts.provenance
    yield "model", f"{facts.model}, version {facts.number}"
    yield "pushed", known.pushed_at
    yield "run", known.run_id
    yield "content digest of the version", known.content_digest
    if data := known.data:
        span = "" if data.span is None else f", span {data.span}"
        yield "data", f"{data.source or UNKNOWN}{span}, fingerprint {data.fingerprint or UNKNOWN}"
        counts = (data.examples or {}).items()
        yield "examples", ", ".join(f"{count:,} {split}" for split, count in counts)
    else:
        yield "data", None
    module = (known.modules or {}).get(facts.feature)
    if module is None and isinstance(facts.kind, Image):
        module = known.hub
    if module and module.handle:
        kept = "" if module.trainable else ", kept as it was"
        yield "began as", f"{module.handle} (sha256 {module.sha256 or UNKNOWN}){kept}"
    else:
        yield "began as", "weights drawn at random"
    options = (known.training or {}).items()
    written = (
        f"{key} {f'{value:.4g}' if isinstance(value, float) else value}"
        for key, value in options
        if value is not None
    )
    yield "training", ", ".join(written)
    yield "code", known.code_hash


def _metrics(known: Provenance, label: str) -> Iterable[tuple[str, Any]]:
    labels = known.labels or ()
    for row in known.metrics[:_MOST_METRICS]:
        value = UNKNOWN if row.value is None else f"{row.value:.4f}"
        yield f"{row.metric}, {slice_title(row.slice, labels, label)}", f"{value} (eval split)"
    if known.test_accuracy is not None:
        count = (
            "" if known.test_examples is None else f" of {counted(known.test_examples, 'example')}"
        )
        yield "accuracy, test split", f"{known.test_accuracy:.4f}{count}"
    if not known.metrics and known.test_accuracy is None:
        yield "metrics", None


def _limits(facts: Facts) -> Iterable[str]:
    labels = facts.provenance.labels or ()
    told = f" tell apart {', '.join(map(_plain, labels[:20]))}" if labels else " estimate its label"
    more = f" and {len(labels) - 20} more" if len(labels) > 20 else ""
    yield f"It was trained to{told}{more}; nobody has measured how well it serves another task."
    if isinstance(facts.kind, Image):
        yield "It knows pictures like those of its data; others need fine-tuning."
    elif not facts.kind.module:
        yield "It knows the words of its vocabulary; all others count as one."
    if facts.others:
        shared = ", ".join(map(_plain, facts.others[:10]))
        yield f"It was trained beside other features ({shared}), which it does not see."
    if not facts.checked.trainable:
        yield "It names no trainable variables, so it cannot be fine-tuned."
    yield "A module is a program: the digest says that it is this one, not that it is harmless."


_SETTINGS = """\
In the settings of a pipeline:

```yaml
hub:
  handle: <where it is served, or the path of the archive>
  sha256: {sha256}
```

In Python:

"""
_PYTHON = """\
```
tar xzf module.tar.gz --one-top-level=module

import tensorflow_hub as hub

layer = hub.KerasLayer("module", trainable={trainable})
```"""


def _use(facts: Facts) -> str:
    python = _PYTHON.format(trainable=facts.checked.trainable > 0)
    if isinstance(facts.kind, Text):
        return python
    return _SETTINGS.format(sha256=facts.sha256) + python


def _table(rows: Iterable[tuple[str, Any]]) -> str:
    lines = [
        f"| {_plain(key)} | {_plain(UNKNOWN if value in (None, '') else value)} |"
        for key, value in rows
    ]
    return "\n".join(["| | |", "|---|---|", *lines])


def _plain(text: Any) -> str:
    """On one line of a table, whatever somebody called their data."""
    return shown(text).replace("|", "\\|")
