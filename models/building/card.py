"""The model card of a module that was built. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from models.building.package import Package
from models.publishing.check import Checked


@dataclass(frozen=True)
class Built:
    """What a card is made of."""

    name: str
    about: str
    trained_on: str
    package: Package
    checked: Checked
    sha256: str
    nbytes: int
    """Of the archive."""
    away: float
    """From the reference, as a part of its largest number."""


def card(built: Built) -> str:
    """The card as Markdown."""
    package, checked = built.package, built.checked
    return f"""\
# {built.name}

{built.about}, as a TensorFlow Hub module: a reusable TF2 SavedModel, which `hub.KerasLayer` loads
and fine-tunes.

| | |
|---|---|
| takes | float32 [N, height, width, 3] from 0 to 1, of any size; trained on about 224 x 224 |
| gives | {checked.gives} |
| size | {built.nbytes / 1e6:.2f} MB packed |
| parameters | {checked.trainable:,} trainable, {checked.fixed:,} others |
| sha256 of the archive | `{built.sha256}` |
| licence | {package.licence} |

## Where it comes from

| | |
|---|---|
| weights | {package.member.rpartition("/")[2]} (sha256 `{package.member_sha256}`) |
| of the package | {package.pin} (sha256 `{package.sha256}`), {package.source} |
| trained on | {built.trained_on} |
| checked | beside the original in PyTorch: {built.away:.1g} of the largest number away |

No PyTorch took part in building it: the file of weights was read as numbers, and nothing in it
was run.

## Limits

- It knows photos. Drawings, scans and pictures of a few pixels need fine-tuning, or another module.
- Its weights carry what is wrong with ImageNet: whom it shows and how it calls them.
- A module is a program: the digest says that it is this one, not that it is harmless.

## Use

In the settings of a pipeline:

```yaml
features: {{photo: {{kind: image, size: [224, 224], channels: 3}}}}
hub:
  handle: <where it is served, or the path of the archive>
  sha256: {built.sha256}
  trainable: false     # computed once for each image, see docs/hub.md
training: {{augment: false}}
```
"""
