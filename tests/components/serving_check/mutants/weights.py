"""The graph is right, what it keeps is not."""

from __future__ import annotations

import numpy as np

from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import Surgery


@wrong("parity", "the biases of the last layer are zero")
def no_bias(model: Surgery) -> None:
    _by_shape(model, (10,), lambda bias: bias * 0)


def _by_shape(model: Surgery, shape, change, number: int = 0) -> None:
    """Changes the variable of that shape, the first one unless told otherwise."""
    seen = []

    def each(name: str, value: np.ndarray) -> np.ndarray:
        if value.shape == shape and value.dtype == np.float32:
            seen.append(name)
            if len(seen) == number + 1:
                return change(value.copy())
        return value

    model.weights(each)
    assert len(seen) > number, seen


def _head(model: Surgery, change) -> None:
    """Changes the kernel of the last layer, [features, 10]."""
    done = []

    def each(name: str, value: np.ndarray) -> np.ndarray:
        if value.ndim == 2 and value.shape[1] == 10:
            done.append(name)
            return change(value.copy())
        return value

    model.weights(each)
    assert len(done) == 1, done


@wrong("parity", "one weight of the last layer has the other sign")
def one_sign(model: Surgery) -> None:
    def change(kernel: np.ndarray) -> np.ndarray:
        place = np.unravel_index(np.abs(kernel).argmax(), kernel.shape)
        kernel[place] *= -1
        return kernel

    _head(model, change)


@wrong("parity", "one bit of one exponent is flipped")
def one_bit(model: Surgery) -> None:
    def change(kernel: np.ndarray) -> np.ndarray:
        bits = kernel.view(np.uint32)
        bits[3, 4] ^= np.uint32(1 << 26)
        return bits.view(np.float32)

    _head(model, change)


@wrong("parity", "a weight is not a number")
def nan_weight(model: Surgery) -> None:
    def change(kernel: np.ndarray) -> np.ndarray:
        kernel[7, 3] = np.nan
        return kernel

    _head(model, change)


@wrong("parity", "the weights of two labels are swapped")
def two_columns(model: Surgery) -> None:
    _head(model, lambda kernel: kernel[:, [0, 1, 2, 3, 4, 7, 6, 5, 8, 9]])


@wrong("parity", "the weights of another training, a little off")
def old_checkpoint(model: Surgery) -> None:
    random = np.random.default_rng(0)
    model.weights(
        lambda name, value: (
            value * (1 + 0.01 * random.standard_normal(value.shape))
            if value.dtype == np.float32
            else value
        )
    )


@wrong("parity", "weights in half precision")
def half_precision(model: Surgery) -> None:
    model.weights(
        lambda name, value: (
            value.astype(np.float16).astype(np.float32) if value.dtype == np.float32 else value
        )
    )


def _exchanged(model: Surgery, one: int, other: int) -> None:
    """Exchanges two inputs of every normalisation; the files are the real ones."""
    found = [node for node in model.nodes if node.op == "FusedBatchNormV3"]
    assert found
    for node in found:
        node.input[one], node.input[other] = node.input[other], node.input[one]


@wrong("parity", "means and variances are swapped")
def mean_for_variance(model: Surgery) -> None:
    _exchanged(model, 3, 4)


@wrong("parity", "scales and offsets are swapped")
def scale_for_offset(model: Surgery) -> None:
    _exchanged(model, 1, 2)


@wrong("parity", "the kernels of a layer are those of another label's maps: shifted by one")
def rolled_kernel(model: Surgery) -> None:
    done: list[str] = []

    def each(name: str, value: np.ndarray) -> np.ndarray:
        if value.ndim == 4 and not done:
            done.append(name)
            return np.roll(value, 1, axis=3)
        return value

    model.weights(each)
    assert done
