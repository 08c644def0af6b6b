"""A frozen graph with most of its weights zero, trained on to answer as it did before.

TensorFlow Model Optimization prunes Keras layers that it knows, and a Hub module is none of them:
https://github.com/tensorflow/model-optimization/issues/1141. So its method, that of Zhu and Gupta
2017 (https://arxiv.org/abs/1710.01878), is applied to the graph, whoever made the network.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras
from numpy.typing import NDArray

from components.variants.frozen import Frozen, input_names, replaced
from components.variants.options import PruningOptions
from components.variants.served import parsed
from models.training.inputs import count_examples, training_batches

progress = logging.getLogger("progress")
_BATCH = 128
_SEED = 0
_CHOICES = 50
"""How often the weights that are zero are chosen anew; then they stay, for the other half."""
_FEW = 100
"""A kernel of fewer weights is left whole: it is no part of the size, and each of them counts."""
_LEAST = 1e-7
"""No probability is taken as less, so that no loss is infinite."""
_MULTIPLIES = ("Conv2D", "MatMul", "BatchMatMulV2")

Weights = dict[str, tf.Variable]


def prune(frozen: Frozen, kind: str, shards: Sequence[str], options: PruningOptions) -> Frozen:
    """The graph with the share `options.sparsity` of all its kernels zero.

    It learns from its own answers, on the examples of the train split: so it needs no labels, and
    what a label is worth was decided by the training before. Statistics of batch normalization stay
    as they are.

    Args:
      kind: of the label.
      shards: of the train split.

    Raises:
      InputsError: there are no examples.
    """
    weights = {
        name: tf.Variable(value, name=f"weight_{place}")
        for place, (name, value) in enumerate(frozen.weights.items())
    }
    masks = {name: tf.Variable(tf.ones_like(weights[name])) for name in kernels(frozen)}
    count = count_examples(shards)
    batch = min(_BATCH, count) or 1
    per_epoch = max(1, count // batch)
    steps = per_epoch * options.epochs
    step = _step(frozen, kind, weights, masks, options.learning_rate, steps)
    batches = training_batches(
        shards,
        _parse(frozen),
        epochs=options.epochs,
        batch_size=batch,
        steps_per_epoch=per_epoch,
        seed=_SEED,
    )
    half = max(1, steps // 2)
    every = max(1, half // _CHOICES)
    for number, (tensors, _) in enumerate(batches):
        if number == half or (number < half and number % every == 0):
            _choose(weights, masks, options.sparsity * (1 - (1 - number / half) ** 3))
        loss = step(*tensors)
        if (number + 1) % per_epoch == 0:
            epoch = (number + 1) // per_epoch
            progress.info("pruning, epoch %d of %d: loss %.4f", epoch, options.epochs, float(loss))
    _choose(weights, masks, options.sparsity)  # also where there was one step only
    return replaced(frozen, {name: variable.numpy() for name, variable in weights.items()})


def kept(kernels: Sequence[NDArray[np.float32]], zeros: float) -> list[NDArray[np.bool_]]:
    """Which weights stay where the share `zeros` of all goes, those that matter least.

    What a weight matters is its part of its kernel: its square, over the sum of the squares that
    are not smaller. So small kernels keep more of theirs than large ones, and none goes as a whole.
    Lee et al. 2021, https://arxiv.org/abs/2010.07611.
    """
    scores = np.concatenate([_scores(kernel) for kernel in kernels])
    stays = np.ones(scores.size, bool)
    stays[np.argsort(scores, kind="stable")[: round(zeros * scores.size)]] = False
    ends = np.cumsum([kernel.size for kernel in kernels])[:-1]
    return [
        part.reshape(kernel.shape)
        for part, kernel in zip(np.split(stays, ends), kernels, strict=True)
    ]


def _scores(kernel: NDArray[np.float32]) -> NDArray[np.float64]:
    squares = np.square(kernel.ravel(), dtype=np.float64)
    order = np.argsort(squares, kind="stable")
    # From the largest on, so that the sums are those of what is left.
    sums = np.cumsum(squares[order][::-1])[::-1]
    scores: NDArray[np.float64] = np.empty_like(squares)
    scores[order] = squares[order] / np.maximum(sums, np.finfo(np.float64).tiny)
    return scores


def _choose(weights: Weights, masks: Weights, zeros: float) -> None:
    """Sets the masks, and what they hide to zero."""
    if masks:
        stays = kept([weights[name].numpy() for name in masks], zeros)
        for (name, mask), part in zip(masks.items(), stays, strict=True):
            mask.assign(part.astype(np.float32))
            weights[name].assign(weights[name] * mask)


def kernels(frozen: Frozen) -> Iterator[str]:
    """Names of the weights that are pruned."""
    nodes = {node.name: node for node in frozen.function.graph.as_graph_def().node}
    for node in nodes.values():
        if node.op not in _MULTIPLIES:
            continue
        source = nodes[node.input[1].partition(":")[0]]
        while source.op == "Identity":
            source = nodes[source.input[0].partition(":")[0]]
        if source.name in frozen.weights and frozen.weights[source.name].size >= _FEW:
            yield source.name


def sparsity(frozen: Frozen) -> float:
    """The share of zeros in all that was trained."""
    sizes = sum(values.size for values in frozen.weights.values())
    return 1 - sum(map(np.count_nonzero, frozen.weights.values())) / max(1, sizes)


def _parse(frozen: Frozen) -> Callable[[tf.Tensor], tuple[list[tf.Tensor], tf.Tensor]]:
    names = input_names(frozen.inputs).values()

    def parse(records: tf.Tensor) -> tuple[Any, tf.Tensor]:
        found = parsed(records, frozen.inputs)
        return tuple(tf.cast(found[name], tf.float32) for name in names), records

    return parse


def _step(
    frozen: Frozen, kind: str, weights: Weights, masks: Weights, rate: float, steps: int
) -> Callable[..., tf.Tensor]:
    """A step of training as a graph: dense tensors in, the loss out."""
    graph = frozen.function.graph.as_graph_def()
    inputs = [tensor.op.name for tensor in frozen.function.inputs]
    [output] = [tensor.name for tensor in frozen.function.outputs]
    optimizer = tf_keras.optimizers.Adam(tf_keras.optimizers.schedules.CosineDecay(rate, steps))
    optimizer.build([*weights.values()])
    loss_of = _LOSSES[kind]

    def step(*tensors: tf.Tensor) -> tf.Tensor:
        [wanted] = frozen.function(*tensors)
        read = {name: tf.identity(variable) for name, variable in weights.items()}
        held = {name: read[name] * masks[name] if name in masks else read[name] for name in read}
        fed = {f"{name}:0": tensor for name, tensor in zip(inputs, tensors, strict=True)}
        fed |= {f"{name}:0": tensor for name, tensor in held.items()}
        [found] = tf.graph_util.import_graph_def(graph, input_map=fed, return_elements=[output])
        loss = loss_of(wanted, found)
        # A tape does not see operations of a graph that is imported.
        gradients = tf.gradients(loss, [*read.values()])
        optimizer.apply_gradients(
            [
                (gradient, variable)
                for gradient, variable in zip(gradients, weights.values(), strict=True)
                if gradient is not None
            ]
        )
        return loss

    found: Callable[..., tf.Tensor] = tf.function(step, autograph=False, reduce_retracing=True)
    return found


def _of_classes(wanted: tf.Tensor, found: tf.Tensor) -> tf.Tensor:
    return -tf.reduce_mean(tf.reduce_sum(wanted * tf.math.log(tf.maximum(found, _LEAST)), axis=-1))


def _of_tags(wanted: tf.Tensor, found: tf.Tensor) -> tf.Tensor:
    both = (wanted, found), (1 - wanted, 1 - found)
    return -sum(tf.reduce_mean(w * tf.math.log(tf.maximum(f, _LEAST))) for w, f in both)


def _of_numbers(wanted: tf.Tensor, found: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.square(found - wanted)) / (tf.math.reduce_variance(wanted) + _LEAST)


_LOSSES: Mapping[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "classes": _of_classes,
    "tags": _of_tags,
    "number": _of_numbers,
}
