"""Images next to the threshold of a tag or a class."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.reference.decisions import OfClasses, OfTags
from models.reference.undecided_images import undecided_images

_random = np.random.default_rng(0)
SHAPES = [(6, 5), (4, 7, 3)]


def images(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Light and dark ones, none of them of a middling light."""
    light = np.array([20, 220])[_random.integers(2, size=30)]
    noise = _random.integers(-20, 20, (30, *shape))
    return (noise + light.reshape(-1, *[1] * len(shape))).astype(np.uint8)


def light(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return pixels.reshape(len(pixels), -1).mean(axis=1).astype(np.float32) / 255


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.71])
def test_both_sides_of_a_tag_s_threshold_are_near_to_it(
    shape: tuple[int, ...], threshold: float
) -> None:
    def margins(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return OfTags(("light",), threshold).margins(light(pixels)[:, None])

    found = [*undecided_images(images(shape), [], margins, np.random.default_rng(1))]
    [below, above] = (
        next(image for _, image, is_for in found if is_for == side) for side in (False, True)
    )
    assert below.shape == above.shape == shape
    assert below.dtype == above.dtype == np.uint8
    low, high = light(np.stack([below, above]))
    assert low < threshold <= high
    assert high - low < 0.02


def test_each_class_is_just_chosen_and_just_not() -> None:
    def likely(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        place = light(pixels)[:, None]
        logits = -((place - np.linspace(0.1, 0.9, 5)) ** 2) * 50
        powers = np.exp(logits)
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

    def margins(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return OfClasses("abcde").margins(likely(pixels))

    # The data show the first and the last class alone.
    found = [*undecided_images(images((9, 9)), [], margins, np.random.default_rng(1))]
    assert {(decision, is_for) for decision, _, is_for in found} == {
        (decision, is_for) for decision in range(5) for is_for in (False, True)
    }
    for decision, image, is_for in found:
        row = likely(image[None])[0]
        others = np.delete(row, decision)
        assert (row[decision] >= others.max()) == is_for
        assert abs(row[decision] - others.max()) < 0.05


def test_images_that_are_no_data_take_part() -> None:
    def margins(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return OfTags(("light",), 0.95).margins(light(pixels)[:, None])

    white = np.full((6, 5), 255, np.uint8)
    dark = np.full((1, 6, 5), 20, np.uint8)
    found = [*undecided_images(dark, [white], margins, np.random.default_rng(1))]
    assert {is_for for _, _, is_for in found} == {False, True}


def test_many_large_ones_are_asked_about_a_few_at_a_time() -> None:
    asked: list[int] = []

    def margins(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        asked.append(len(pixels))
        return OfTags(("light",), 0.5).margins(light(pixels)[:, None])

    shades = np.array([30, 90, 200], np.uint8)
    large = np.tile(shades[:, None, None, None], (1, 400, 500, 3))
    found = [*undecided_images(large, [], margins, np.random.default_rng(1))]
    assert [is_for for _, _, is_for in found] == [False, True]
    assert max(asked) <= 4
    assert sum(asked) < 200
