"""Images that no data set holds and nobody could have foreseen, made of real ones by chance."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.features.image.latin_hypercube import LatinHypercube

Pixels = NDArray[np.float64]
"""[height, width] or [height, width, 3], from 0 to 255."""
Random = np.random.Generator
Scene = Callable[[Pixels, Pixels, Random], Pixels]
"""Makes an image of two real ones."""

_FULL = 255.0
_LARGEST = 6_100_000
"""Bytes of all of them, but for FEWEST that are made anyway: room for each scene of 224 x 224."""
MOST, FEWEST = 160, 4


def mixed_images(images: NDArray[np.uint8], random: Random) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yields names and images of each SCENES in turn, as many as their size allows.

    Args:
      images: real ones, uint8 [at least 1, height, width] or [..., 3].
      random: decides everything.
    """
    real = images.astype(np.float64)
    count = min(MOST, max(FEWEST, _LARGEST // max(real[0].size, 1)))
    scenes = [*SCENES.items()]
    order = itertools.cycle(random.permutation(len(scenes)).tolist())
    draws = [LatinHypercube(random, -(-count // len(scenes))) for _ in scenes]
    for number, place in enumerate(itertools.islice(order, count), 1):
        name, scene = scenes[place]
        one, other = real[random.integers(len(real), size=2)]
        made = np.clip(np.rint(scene(one, other, draws[place].begin())), 0, _FULL).astype(np.uint8)
        yield f"{name} (mixture {number})", made


def _map(random: Random, image: Pixels) -> Pixels:
    """Values from 0 to 1 for each pixel, the same for all colours: waves of any direction."""
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    turn, length = random.uniform(0, 2 * np.pi), random.uniform(2, 2 + max(image.shape[:2]))
    wave = np.sin((rows * np.sin(turn) + columns * np.cos(turn)) * 2 * np.pi / length)
    return _like(image, (wave + 1) / 2)


def _like(image: Pixels, values: Pixels) -> Pixels:
    """[height, width] as an image of as many colours."""
    return np.broadcast_to(values.T, image.T.shape).T.astype(np.float64)


def _shade(image: Pixels, random: Random) -> Pixels:
    """One shade for all pixels, in colour one of each."""
    return np.broadcast_to(random.uniform(0, _FULL, image.shape[2:]), image.shape).copy()


def _moved(image: Pixels, random: Random) -> Pixels:
    """By up to two fifths each way; what comes in is black."""
    height, width = image.shape[:2]
    down, right = (
        int(random.integers(-size * 2 // 5, size * 2 // 5 + 1)) for size in (height, width)
    )
    canvas = np.zeros_like(image)
    rows = slice(max(down, 0), height + min(down, 0))
    columns = slice(max(right, 0), width + min(right, 0))
    canvas[rows, columns] = np.roll(image, (down, right), axis=(0, 1))[rows, columns]
    return canvas


def _squares(image: Pixels, random: Random) -> Pixels:
    height, width = image.shape[:2]
    size = int(random.integers(2, 1 + max(2, min(height, width) // 3)))
    rows, columns = (np.arange(length) // size * size for length in (height, width))
    found: Pixels = image[rows][:, columns]
    return found


def _turned(image: Pixels, random: Random) -> Pixels:
    quarters = 2 if image.shape[0] != image.shape[1] else int(random.integers(1, 4))
    return np.rot90(image, quarters).copy()


def _covered(image: Pixels, other: Pixels, random: Random) -> Pixels:
    height, width = image.shape[:2]
    top, left = random.integers(height), random.integers(width)
    image = image.copy()
    rows, columns = slice(top, top + (height + 1) // 2), slice(left, left + (width + 1) // 2)
    image[rows, columns] = other[rows, columns]
    return image


def _on_ground(image: Pixels, random: Random) -> Pixels:
    return np.where(image > random.uniform(5, 60), image, _shade(image, random))


def _blended(one: Pixels, other: Pixels, share: Any) -> Pixels:
    found: Pixels = one * share + other * (1 - share)
    return found


def _two_shades(image: Pixels, random: Random) -> Pixels:
    middle = np.quantile(image, random.uniform(0.3, 0.9))
    return np.where(image > middle, _shade(image, random), _shade(image, random))


def _checked(image: Pixels, random: Random) -> Pixels:
    size = int(random.integers(1, 2 + max(image.shape[:2]) // 3))
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]] // size
    chosen = _like(image, (rows + columns) % 2)
    return _blended(_shade(image, random), _shade(image, random), chosen)


def _specks(image: Pixels, random: Random) -> Pixels:
    """One pixel or few that are not as all others are."""
    ground = random.choice([0.0, 0.0, _FULL, random.uniform(0, _FULL)])
    image = np.full_like(image, ground)
    for _ in range(int(random.integers(1, 6))):
        image[random.integers(image.shape[0]), random.integers(image.shape[1])] = random.uniform(
            0, _FULL, image.shape[2:]
        )
    return image


def _framed(image: Pixels, random: Random) -> Pixels:
    wide = int(random.integers(1, 2 + min(image.shape[:2]) // 8))
    framed = np.broadcast_to(random.choice([0.0, _FULL, random.uniform(0, _FULL)]), image.shape)
    framed = framed.copy()
    inner = slice(wide, -wide), slice(wide, -wide)
    framed[inner] = image[inner]
    return framed


def _half_gone(image: Pixels, random: Random) -> Pixels:
    """Black or white at one side."""
    image = image.copy()
    axis, after = random.integers(2, size=2)
    middle = (image.shape[axis] + 1) // 2
    side = slice(middle, None) if after else slice(None, middle)
    image[(slice(None),) * axis + (side,)] = random.choice([0.0, _FULL])
    return image


def _zoomed(image: Pixels, random: Random) -> Pixels:
    """Nearer or farther, about the middle; what comes in is black."""
    times = 2 ** random.uniform(-1.5, 1)
    rows, columns = (
        np.rint((np.arange(size) - size / 2 + 0.5) / times + size / 2 - 0.5).astype(int)
        for size in image.shape[:2]
    )
    inside = np.logical_and.outer(
        (rows >= 0) & (rows < image.shape[0]), (columns >= 0) & (columns < image.shape[1])
    )
    return np.where(
        _like(image, inside), image.take(rows, 0, mode="clip").take(columns, 1, mode="clip"), 0.0
    )


def _small(image: Pixels, random: Random) -> Pixels:
    """A few times smaller on black, as often in a corner as anywhere."""
    step = int(random.integers(2, 6))
    small = image[::step, ::step]
    free = [size - part for size, part in zip(image.shape[:2], small.shape[:2], strict=True)]
    if random.random() < 0.5:
        top, left = (room * int(random.integers(2)) for room in free)
    else:
        top, left = (int(random.integers(room + 1)) for room in free)
    canvas = np.zeros_like(image)
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas


def _blurred(image: Pixels, random: Random) -> Pixels:
    for _ in range(int(random.integers(1, 6))):
        for axis in (0, 1):
            image = (image + np.roll(image, 1, axis) + np.roll(image, -1, axis)) / 3
    return image


def _three_shades(image: Pixels, random: Random) -> Pixels:
    low, high = np.quantile(image, sorted(random.uniform(0.2, 0.95, 2)))
    shades = [_shade(image, random) for _ in range(3)]
    return np.where(image > high, shades[0], np.where(image > low, shades[1], shades[2]))


def _salted(image: Pixels, random: Random) -> Pixels:
    """Some pixels are black, and as many white."""
    share = random.uniform(0.01, 0.5)
    chance = _like(image, random.random(image.shape[:2]))
    return np.where(chance < share, 0.0, np.where(chance > 1 - share, _FULL, image))


def _striped(image: Pixels, random: Random) -> Pixels:
    """Lines of a shade, across or along, of any width."""
    wide, axis = int(random.integers(1, 5)), int(random.integers(2))
    lines = np.mgrid[: image.shape[0], : image.shape[1]][axis] // wide % 2
    return np.where(_like(image, lines) > 0, _shade(image, random), image)


def _drawn(image: Pixels, random: Random) -> Pixels:
    """Thin lines on one shade, as somebody draws or writes them."""
    ground = random.choice([0.0, 0.0, _FULL, random.uniform(0, _FULL)])
    image = np.full_like(image, ground)
    ink = _FULL - ground if random.random() < 0.5 else random.uniform(0, _FULL, image.shape[2:])
    size = np.array(image.shape[:2])
    for _ in range(int(random.integers(1, 4))):
        start, end = random.uniform(0, size - 1, (2, 2))
        line = np.linspace(start, end, 2 * int(size.max()))
        rows, columns = np.rint(line).astype(int).T
        image[rows, columns] = ink
    return image


SCENES: dict[str, Scene] = {
    "inverted, fainter": lambda a, b, r: (_FULL - a) * r.uniform(0.2, 0.9),
    "darker": lambda a, b, r: a * r.uniform(0.05, 0.8),
    "lighter": lambda a, b, r: a + r.uniform(10, 150),
    "little contrast": lambda a, b, r: r.uniform(60, 190) + (a - a.mean()) * r.uniform(0.02, 0.3),
    "much contrast": lambda a, b, r: (a - a.mean()) * r.uniform(1.5, 6) + r.uniform(40, 200),
    "one shade": lambda a, b, r: _shade(a, r),
    "striped": lambda a, b, r: _striped(a, r),
    "two shades": lambda a, b, r: _two_shades(a, r),
    "few shades": lambda a, b, r: np.floor(a / (step := 2.0 ** r.integers(3, 7))) * step,
    "on another ground": lambda a, b, r: _on_ground(a, r),
    "inverted on another ground": lambda a, b, r: _on_ground(_FULL - a, r),
    "moved": lambda a, b, r: _moved(a, r),
    "turned": lambda a, b, r: _turned(a, r),
    "mirrored": lambda a, b, r: a[:, ::-1],
    "two at once": lambda a, b, r: _blended(a, b, r.uniform(0.2, 0.8)),
    "half covered": lambda a, b, r: _covered(a, b, r),
    "covered by a shade": lambda a, b, r: _covered(a, _shade(a, r), r),
    "in squares": lambda a, b, r: _squares(a, r),
    "grainy": lambda a, b, r: a + r.normal(0, r.uniform(5, 90), a.shape),
    "grain on a shade": lambda a, b, r: _shade(a, r) + r.normal(0, r.uniform(5, 90), a.shape),
    "chance": lambda a, b, r: r.uniform(0, r.uniform(30, _FULL), a.shape),
    "chance in squares": lambda a, b, r: _squares(r.uniform(0, _FULL, a.shape), r),
    "waves": lambda a, b, r: _blended(_shade(a, r), _shade(a, r), _map(r, a)),
    "lit from one side": lambda a, b, r: _blended(a, _shade(a, r), _map(r, a)),
    "checked": lambda a, b, r: _checked(a, r),
    "hardly there": lambda a, b, r: a * r.uniform(0.005, 0.05),
    "on white, hardly there": lambda a, b, r: _FULL - a * r.uniform(0.005, 0.25),
    "nearly one shade": lambda a, b, r: _shade(a, r) + r.normal(0, r.uniform(0.3, 4), a.shape),
    "specks": lambda a, b, r: _specks(a, r),
    "framed": lambda a, b, r: _framed(a, r),
    "a frame of nothing": lambda a, b, r: _framed(_shade(a, r) * r.uniform(0, 0.5), r),
    "half gone": lambda a, b, r: _half_gone(a, r),
    "upside down": lambda a, b, r: a[::-1],
    "nearer or farther": lambda a, b, r: _zoomed(a, r),
    "small, anywhere": lambda a, b, r: _small(a, r),
    # As masks are kept, and pictures that were divided by 255 before.
    "of zeros and ones": lambda a, b, r: (a > r.uniform(0, 150)) * 1.0,
    "blurred": lambda a, b, r: _blurred(a, r),
    "three shades": lambda a, b, r: _three_shades(a, r),
    "drawn": lambda a, b, r: _drawn(a, r),
    "salted": lambda a, b, r: _salted(a, r),
}
"""By what is said of them."""
