"""What was added: signatures, outputs, graphs, defaults and files that nobody asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf import descriptor_pb2
from tensorflow.core.example import example_pb2, feature_pb2

from tests import fashion_mnist as features
from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import (
    EXAMPLES,
    IMAGE_BYTES,
    NAMED,
    SERVING_DEFAULT,
    Surgery,
    Tensors,
    count,
    indices,
    names,
    turned,
)


def added_signature(model: Surgery, name: str, like: str) -> Any:
    """Another signature with the inputs and outputs of one that is there."""
    model.signatures[name].CopyFrom(model.signatures[like])
    return model.signatures[name]


@wrong("outputs", "a further signature whose labels are their neighbours'")
def labels_of_its_own(model: Surgery) -> None:
    added_signature(model, "labels", EXAMPLES)
    model.output(
        "label",
        lambda label: tf.gather(
            tf.constant([*features.LABELS[1:], features.LABELS[0]]), indices(label)
        ),
        ["labels"],
    )


@wrong("outputs", "a further signature for pictures that is wrong")
def pixels_turned(model: Surgery) -> None:
    added_signature(model, "pixels", SERVING_DEFAULT)
    model.probabilities(turned, ["pixels"])


@wrong("outputs", "a further signature whose scores are not a number")
def scores_of_its_own(model: Surgery) -> None:
    added_signature(model, "scores", IMAGE_BYTES)
    model.output("score", lambda score: score / 0.0 * 0.0, ["scores"])


@wrong("outputs", "a further signature that cannot be answered")
def fails_of_its_own(model: Surgery) -> None:
    added_signature(model, "files", IMAGE_BYTES)

    def fails(score: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies([tf.debugging.assert_less(score, 0.0)]):
            return tf.identity(score)

    model.output("score", fails, ["files"])


def for_classify(model: Surgery, change: Callable[[Tensors], Tensors]) -> None:
    """Adds a signature for classify that gives `change` of what tf.Examples are answered."""
    signature = added_signature(model, "classify", EXAMPLES)
    signature.method_name = "tensorflow/serving/classify"
    signature.inputs["inputs"].CopyFrom(signature.inputs["examples"])
    del signature.inputs["examples"]
    model.answers(change, ["classify"])


def best_classes(answer: Tensors, first: int, last: int) -> Tensors:
    """The classes of those ranks, from 0, with their scores."""
    top = tf.math.top_k(answer["probabilities"], last)
    return {"classes": names(top.indices[:, first:]), "scores": top.values[:, first:]}


@wrong("outputs", "a further signature, for classify, that gives classes the wrong scores")
def classify_of_its_own(model: Surgery) -> None:
    for_classify(
        model,
        lambda a: {
            "classes": tf.tile(
                tf.constant([list(features.LABELS)]), [count(a["probabilities"]), 1]
            ),
            "scores": turned(a["probabilities"]),
        },
    )


@wrong("outputs", "classify gives scores alone, from the last label to the first")
def classify_scores_turned(model: Surgery) -> None:
    for_classify(model, lambda a: {"scores": turned(a["probabilities"])})


@wrong("outputs", "classify gives classes alone, each the neighbour of the best one")
def classify_neighbours(model: Surgery) -> None:
    for_classify(model, lambda a: {"classes": names((indices(a["label"]) + 1) % 10)[:, tf.newaxis]})


@wrong("outputs", "classify leaves the best class out")
def classify_without_best(model: Surgery) -> None:
    for_classify(model, lambda a: best_classes(a, 1, 4))


@wrong("outputs", "classify gives the best class three times")
def classify_thrice(model: Surgery) -> None:
    for_classify(
        model, lambda a: {k: tf.repeat(v, 3, axis=1) for k, v in best_classes(a, 0, 1).items()}
    )


@wrong("outputs", "a further signature is right for large batches alone")
def one_of_its_own(model: Surgery) -> None:
    added_signature(model, "pixels", SERVING_DEFAULT)
    model.probabilities(lambda p: tf.where(tf.equal(count(p), 1), turned(p), p), ["pixels"])


@wrong("graph", "a graph with other tags comes first; the one that is served counts its calls")
def two_tags(model: Surgery) -> None:
    clean = type(model.meta_graph).FromString(model.meta_graph.SerializeToString())
    clean.meta_info_def.tags[:] = ["serve", "gpu"]
    calls = model.variable("calls", 0)

    def change(p: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies(
            [tf.raw_ops.AssignAddVariableOp(resource=calls, value=tf.constant(1))]
        ):
            now = tf.raw_ops.ReadVariableOp(resource=calls, dtype=tf.int32)
        return tf.where(now > 1_000_000, turned(p), p)

    model.probabilities(change)

    def write(folder: Path) -> None:
        saved = type(model.proto)()
        saved.saved_model_schema_version = model.proto.saved_model_schema_version
        saved.meta_graphs.extend([clean, model.meta_graph])
        (folder / "saved_model.pb").write_bytes(saved.SerializeToString())

    model.last(write)


@wrong("graph", "two graphs for serving, and servers differ in which they take")
def served_twice(model: Surgery) -> None:
    second = model.proto.meta_graphs.add()
    second.CopyFrom(model.meta_graph)


@wrong("graph", "another graph in a file that other servers prefer")
def other_file(model: Surgery) -> None:
    model.last(
        lambda folder: (folder / "saved_model.cpb").write_bytes(
            (folder / "saved_model.pb").read_bytes()
        )
    )


@wrong("graph", "its weights are read from a path of this machine")
def absolute_weights(model: Surgery) -> None:
    """The files are there, here."""
    prefix = str(model.real / "variables" / "variables")
    [restoring] = [
        function
        for function in model.meta_graph.graph_def.library.function
        if any(node.op == "RestoreV2" for node in function.node_def)
    ]
    for node in restoring.node_def:
        if node.op == "RestoreV2":
            node.input[0] = "fixed:output:0"
    path = restoring.node_def.add(name="fixed", op="Const")
    path.attr["dtype"].type = tf.string.as_datatype_enum
    path.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(prefix))


@wrong("graph", "the picture is kept in a file between requests")
def cached_in_a_file(model: Surgery) -> None:
    path = str(model.folder.parent / "cache")

    def change(p: tf.Tensor) -> tf.Tensor:
        kept = tf.data.Dataset.from_tensors(1.0).cache(path)
        return p * tf.data.experimental.get_single_element(kept)

    model.probabilities(change, [SERVING_DEFAULT])


@wrong("graph", "reads how messages look from a file of this machine")
def messages_of_this_machine(model: Surgery) -> None:
    file = model.folder.parent / "messages.pb"
    described = descriptor_pb2.FileDescriptorSet()
    for module in (feature_pb2, example_pb2):
        module.DESCRIPTOR.CopyToProto(described.file.add())
    file.write_bytes(described.SerializeToString())

    def change(label: tf.Tensor) -> tf.Tensor:
        _, values = tf.raw_ops.DecodeProtoV2(
            bytes=tf.zeros_like(label),
            message_type="tensorflow.Example",
            field_names=["features"],
            output_types=[tf.string],
            descriptor_source=str(file),
        )
        return label + tf.strings.reduce_join(values[0], axis=1)

    model.output("label", change, [EXAMPLES])


@wrong("graph", "keeps every picture for the next request")
def staged(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        put = tf.raw_ops.Stage(values=[p], capacity=1, shared_name="kept")
        with tf.control_dependencies([put]):
            [found] = tf.raw_ops.Unstage(dtypes=[tf.float32], shared_name="kept")
        return tf.ensure_shape(found, [None, 10])

    model.probabilities(change, [SERVING_DEFAULT])


@wrong("signatures", "what a request leaves out is filled in: a black picture")
def picture_left_out(model: Surgery) -> None:
    black = tf.make_tensor_proto(tf.zeros([1, 28, 28], tf.uint8).numpy())
    model.signatures[SERVING_DEFAULT].defaults["images"].CopyFrom(black)


def _described(model: Surgery, change: Any) -> None:
    """Changes the description of the features that is pushed with the model."""

    def write(folder: Path) -> None:
        file = folder / "assets.extra" / "features.json"
        document = json.loads(file.read_text())
        change(document)
        file.unlink()  # It may be a hard link to the real one.
        file.write_text(json.dumps(document))

    model.last(write)


@wrong("description", "the labels that go with the model are in another order")
def described_in_another_order(model: Surgery) -> None:
    _described(model, lambda document: document["label"]["values"].reverse())


@wrong("description", "what goes with the model says that it takes pictures of another size")
def described_of_another_size(model: Surgery) -> None:
    def change(document: Any) -> None:
        [image] = [each for each in document["features"] if each["kind"] == "image"]
        image["options"]["size"] = [32, 32]

    _described(model, change)


@wrong("description", "the request that goes with the model as an example is another one")
def described_with_another_example(model: Surgery) -> None:
    def change(document: Any) -> None:
        document["example"]["signature_name"] = SERVING_DEFAULT

    _described(model, change)


@wrong("description", "what goes with the model cannot be read")
def described_badly(model: Surgery) -> None:
    def write(folder: Path) -> None:
        file = folder / "assets.extra" / "features.json"
        file.unlink()
        file.write_text("{")

    model.last(write)


def _odd_output(model: Surgery, change: Any, signatures: Any = NAMED) -> None:
    model.answers(lambda a: {**a, "further": change(a["score"])}, signatures)


@wrong("outputs", "a further output of a type that no client reads")
def variants(model: Surgery) -> None:
    _odd_output(
        model,
        lambda score: tf.map_fn(
            lambda one: tf.raw_ops.TensorListFromTensor(
                tensor=one[tf.newaxis], element_shape=tf.constant([], tf.int32)
            ),
            score,
            fn_output_signature=tf.variant,
        ),
    )


@wrong("outputs", "a further output that is one number for all")
def one_for_all(model: Surgery) -> None:
    _odd_output(model, tf.reduce_mean)


@wrong("outputs", "a further output is not a number for few")
def further_nan(model: Surgery) -> None:
    _odd_output(model, lambda score: tf.where(score > 0.99, float("nan"), score))


@wrong("sizes", "a further output as long as the longest text of the batch")
def as_long_as_others(model: Surgery) -> None:
    def change(score: tf.Tensor) -> tf.Tensor:
        width = 1 + tf.cast(10 * tf.reduce_max(tf.concat([score, [0.0]], 0)), tf.int32)
        return tf.tile(score[:, tf.newaxis], [1, width])

    _odd_output(model, change)


@wrong("sizes", "a further output is counted on by chance of the order")
def ranks(model: Surgery) -> None:
    _odd_output(model, lambda score: tf.argsort(tf.argsort(score)))
