"""Networks of users on one batch: those that work, and what is said of those that do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from models import dry_run
from models.declaration import Declaration
from models.training.options import TrainingOptions
from models.user_code import UserCodeError
from models.user_network import UserNetwork
from serving.server.loading.saved_model import SavedModel
from serving.server.tensors.texts import unpacked
from tests.models import user_file

DECLARATION = Declaration.model_validate(
    {
        "features": {"fare (EUR)": {"kind": "number"}, "company": {"kind": "category"}},
        "label": {"name": "tip", "kind": "classes", "values": ["no", "maybe", "yes"]},
    }
)
SPECS = {
    "numbers_": tf.TensorSpec([None, 8], tf.float32),
    "words_": tf.TensorSpec([None, 2], tf.int64),
    "texts_": tf.SparseTensorSpec([None, None], tf.int64),
}
HEAD = """
import tensorflow as tf
import tf_keras
from tf_keras import layers


def network(features, outputs):
"""
NUMBERS = "    x = features['numbers_']\n"


def build(folder: Path, body: str, head: str = HEAD, **specs: Any) -> UserNetwork:
    function = user_file.write(folder, head + body, "network")
    return UserNetwork(
        function, DECLARATION, specs or SPECS, {"words_": 5}, seed=3, preprocessed=False
    )


def batch(specs: Any = SPECS) -> dict[str, Any]:
    random = np.random.default_rng(0)
    made: dict[str, Any] = {
        "numbers_": tf.constant(random.normal(size=(6, 8)), tf.float32),
        "words_": tf.constant(random.integers(0, 5, (6, 2))),
        "texts_": tf.sparse.from_dense(tf.constant(random.integers(0, 5, (6, 3)))),
    }
    return {name: made[name] for name in specs}


def check(network: UserNetwork, folder: Path, export: Any = lambda folder: None) -> None:
    """The dry run, on examples that are numbers only."""
    path = str(folder / "train")
    with tf.io.TFRecordWriter(path) as writer:
        for _ in range(6):
            writer.write(b"")

    def parse(examples: tf.Tensor) -> Any:
        return batch(network_specs), tf.constant([0, 1, 2, 0, 1, 2], tf.int64)

    network_specs = {name: SPECS[name] for name in SPECS}
    dry_run.check(network, [path], parse, TrainingOptions(), export)


FUNCTIONAL = NUMBERS + "    return tf_keras.Model(x, layers.Dense(outputs)(x))\n"
TENSOR = """
    words = layers.Embedding(features.sizes["words_"], 4)(features["words_"])
    joined = layers.concatenate([features["numbers_"], layers.Flatten()(words)])
    return layers.Dense(outputs)(layers.Dropout(0.5)(joined))
"""
SUBCLASS = """
    class Mine(tf_keras.Model):
        def __init__(self):
            super().__init__()
            self.table = self.add_weight("table", [9, outputs])
            self.norm = layers.BatchNormalization()
            self.dense = layers.Dense(outputs)

        def call(self, inputs, training=False):
            texts = tf.nn.safe_embedding_lookup_sparse(self.table, inputs["texts_"])
            numbers = self.norm(inputs["numbers_"], training=training)
            return self.dense(numbers) + texts

    return Mine()
"""


@pytest.mark.medium
@pytest.mark.parametrize("body", [FUNCTIONAL, TENSOR, SUBCLASS])
def test_models_of_every_style_pass_and_keep_their_weights(tmp_path: Path, body: str) -> None:
    network = build(tmp_path, body)
    before = [value.numpy() for value in network.variables]
    check(network, tmp_path)
    for variable, value in zip(network.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    assert network(batch()).shape == (6, 3)


def test_a_sequential_takes_the_only_feature(tmp_path: Path) -> None:
    body = "    return tf_keras.Sequential([layers.Dense(8, 'relu'), layers.Dense(outputs)])\n"
    network = build(tmp_path, body, numbers_=SPECS["numbers_"])
    assert network(batch(["numbers_"])).shape == (6, 3)
    with pytest.raises(UserCodeError, match="a Sequential, which takes one input"):
        build(tmp_path, body)


def test_the_seed_decides_the_weights(tmp_path: Path) -> None:
    one, other = build(tmp_path, FUNCTIONAL), build(tmp_path, FUNCTIONAL)
    np.testing.assert_array_equal(one.variables[0].numpy(), other.variables[0].numpy())


KERAS_3 = HEAD.replace("import tf_keras\nfrom tf_keras", "import keras\nfrom keras")
UNBUILT: list[tuple[str, str, str]] = [
    (HEAD, "    return None\n", "returned nothing; return a tf_keras.Model"),
    (HEAD, "    return {'a': 1}\n", "returned a dict; return a tf_keras.Model"),
    (
        HEAD,
        "    other = tf_keras.Input([3], name='other')\n"
        "    return tf_keras.Model(other, layers.Dense(outputs)(other))\n",
        "returned a model of the input other, which is no feature",
    ),
    (
        HEAD,
        NUMBERS + "    y = layers.Dense(4)(x)\n    return layers.Add()([x, y])\n",
        r"mine.py:10 in network: `return layers.Add\(\)\(\[x, y\]\)` raised ValueError: .*"
        r"around it .*x float32 \[None, 8\], y float32 \[None, 4\]",
    ),
    (HEAD, "    return features['fare']\n", "raised KeyError: 'fare'; around it features"),
    (
        KERAS_3,
        "    return keras.Sequential([layers.Dense(outputs)])\n",
        "returned a Sequential; these are layers of Keras 3, .*import tf_keras as keras",
    ),
    (KERAS_3, NUMBERS + "    return layers.Dense(outputs)(x)\n", "import tf_keras as keras"),
    ("def network(features, outputs:\n", "", "line 1 is no Python"),
    ("import nothing_like_it\n" + HEAD, FUNCTIONAL, "mine.py:1 in <module>: `import nothing_like"),
]


@pytest.mark.medium
@pytest.mark.parametrize(("head", "body", "said"), UNBUILT)
def test_what_cannot_be_built_is_told_with_the_users_line(
    tmp_path: Path, head: str, body: str, said: str
) -> None:
    with pytest.raises(UserCodeError, match=said) as raised:
        build(tmp_path, body, head)
    assert str(raised.value).startswith("network in users_")
    assert "\n" not in str(raised.value)


MISFITS = [
    (
        NUMBERS + "    return layers.Dense(outputs + 1)(x)\n",
        r"gives the shape \[6, 4\] for 6 examples; it must be \[6, 3\]",
    ),
    (
        NUMBERS + "    return layers.Dense(outputs, dtype='float64')(x)\n",
        "gives float64; it must be float32",
    ),
    (
        NUMBERS + "    return layers.Dense(outputs)(tf.math.log(-tf.abs(x) - 1))\n",
        "gives NaN or infinity for the first 6 training examples",
    ),
    (
        NUMBERS + "    return layers.Dense(outputs, 'softmax')(x)\n",
        "gives probabilities; it must give logits",
    ),
    (NUMBERS + "    return x[:, :outputs]\n", "has no weights to train"),
    (
        NUMBERS + "    return tf.cast(tf.cast(layers.Dense(outputs)(x), tf.int32), tf.float32)\n",
        "cannot learn",
    ),
    (
        NUMBERS + "    y = layers.Dense(outputs)(x)\n    return y + tf.sqrt(y - y)\n",
        "gives NaN or infinity as the gradient of",
    ),
    (
        """
    class Mine(tf_keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(outputs)

        def call(self, inputs, training=False):
            hidden = self.dense(inputs["numbers_"])
            return hidden if not training else tf.reshape(hidden, [4, 4])

    return Mine()
""",
        r"in call: `return hidden if .*hidden float32 \[6, 3\]",
    ),
    (
        """
    class Mine(tf_keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(outputs)

        def call(self, inputs, training=False):
            hidden = self.dense(inputs["numbers_"])
            if training and tf.reduce_sum(hidden) > 1e9:
                hidden = hidden / 2
            return hidden

    return Mine()
""",
        r"in call: `if training and tf.reduce_sum.*raised OperatorNotAllowedInGraphError",
    ),
]


@pytest.mark.medium
@pytest.mark.parametrize(("body", "said"), MISFITS)
def test_what_could_not_be_trained_or_served_costs_no_epoch(
    tmp_path: Path, body: str, said: str
) -> None:
    with pytest.raises(UserCodeError, match=said):
        check(build(tmp_path, body), tmp_path)


TABLES = """
TABLE = tf.lookup.StaticHashTable(
    tf.lookup.KeyValueTensorInitializer(tf.range(5, dtype=tf.int64), tf.range(5.0)), -1.0
)


class Worth(layers.Layer):
    def __init__(self, path):
        super().__init__()
        self.tables = {"worth": [table_of(path)]}
        self.shift = tf.Variable(0.5, trainable=False)
        self.noise = tf.random.Generator.from_seed(1)

    def call(self, words, training=False):
        worth = self.tables["worth"][0].lookup(tf.strings.as_string(words)) + self.shift
        return worth + (self.noise.normal(tf.shape(worth)) if training else 0.0)


def table_of(path):
    whole, place = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
    file = tf.lookup.TextFileInitializer(path, tf.string, whole, tf.int64, place)
    table = tf.lookup.StaticHashTable(file, -1)
    table.lookup = lambda words, found=table.lookup: tf.cast(found(words), tf.float32)
    return table
"""
USES_TABLES = HEAD.replace("\n\ndef network", TABLES + "\n\ndef network")


def export(network: UserNetwork, folder: str) -> None:
    """As models/export.py does, without a transform graph."""
    module = tf.Module()
    module.weights, module.held = [*network.variables], network.served
    spec = tf.TensorSpec([None, 2], tf.int64, "words_")
    answer = tf.function(lambda words_: {"logits": network({"words_": words_})}, autograph=False)
    signature = answer.get_concrete_function(spec)
    tf.saved_model.save(module, folder, signatures=signature)


@pytest.mark.medium
def test_tables_files_and_variables_that_layers_hold_are_saved(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("0\n2\n1\n")
    body = f"    return layers.Dense(outputs)(Worth({str(words)!r})(features['words_']))\n"
    network = build(tmp_path, body, head=USES_TABLES, words_=SPECS["words_"])
    export(network, str(tmp_path / "saved"))
    expected = network(batch(["words_"])).numpy()
    words.unlink()  # The model has it among its assets.
    served = SavedModel(str(tmp_path / "saved"))
    signature = served.signatures["serving_default"]
    feeds = {signature.inputs["words_"].tensor: batch(["words_"])["words_"].numpy()}
    [found] = served.run(feeds, [signature.outputs["logits"].tensor])
    np.testing.assert_allclose(unpacked(found), expected, rtol=1e-5)


@pytest.mark.medium
def test_what_cannot_be_saved_is_told(tmp_path: Path) -> None:
    body = "    return layers.Dense(outputs)(layers.Lambda(TABLE.lookup)(features['words_']))\n"
    network = build(tmp_path, body, head=USES_TABLES, words_=SPECS["words_"])
    with pytest.raises(UserCodeError, match="a table, a file or a variable that no layer holds"):
        check(network, tmp_path, lambda folder: export(network, folder))


def test_tags_are_no_probabilities_either(tmp_path: Path) -> None:
    tags = {"name": "topics", "kind": "tags", "values": list("abcdef")}
    declaration = Declaration.model_validate({"features": {"a": {"kind": "number"}}, "label": tags})
    body = NUMBERS + "    return layers.Dense(outputs, 'sigmoid')(x)\n"
    function = user_file.write(tmp_path, HEAD + body, "network")
    specs = {"numbers_": SPECS["numbers_"]}
    network = UserNetwork(function, declaration, specs, {}, seed=0, preprocessed=False)
    with pytest.raises(UserCodeError, match="take the sigmoid of the last layer away"):
        check(network, tmp_path)
