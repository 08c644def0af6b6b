"""The network that a user's `network(features, outputs)` returns, for training and export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf
import tf_keras

from documents.shown import shown
from models.declaration import Declaration
from models.labels.heads import head_of
from models.network import Inputs
from models.transform_graph import TransformGraph
from models.user_code import KERAS_3, NETWORK, PREPROCESS, UserCodeError, UserFunction

_USED_BY_GRAPHS = (
    tf.saved_model.experimental.TrackableResource,
    tf.saved_model.Asset,
    tf.Variable,
)
"""A graph that uses one of these can be saved only where it is told who holds it."""


class Features(dict[str, Any]):
    """Keras inputs by name, each [None, …]."""

    def __init__(
        self,
        inputs: Mapping[str, Any],
        sizes: Mapping[str, int],
        options: Mapping[str, Any] | None = None,
    ):
        super().__init__(inputs)
        self.options = dict(options or {})
        """Values of the user's own, `training.options` in the settings."""
        self.sizes = sizes
        """How many places each vocabulary has, those for what is in none included: by the feature
        that holds the places, or by the `vocab_filename` of the user's own."""


class UserNetwork(tf_keras.Model):
    """Transformed features to the logits of a label; call it in graphs with `autograph=False`."""

    def __init__(
        self,
        function: UserFunction,
        declaration: Declaration,
        specs: Mapping[str, tf.TypeSpec],
        sizes: Mapping[str, int],
        *,
        seed: int,
        preprocessed: bool,
        options: Mapping[str, Any] | None = None,
    ):
        """Calls the function, with all random numbers from `seed`.

        Args:
          specs: of the transformed features.
          sizes: of vocabularies.
          preprocessed: whether the features are those of the user's `preprocess`.
          options: what the function reads as `features.options`.

        Raises:
          UserCodeError: it fails, or gives no model that takes these features.
        """
        super().__init__(name="network")
        self.label = head_of(declaration.label)
        self.images = {} if preprocessed else declaration.images
        self.function = function
        features = Features(
            {name: _input(name, spec) for name, spec in specs.items()}, sizes, options
        )
        tf_keras.utils.set_random_seed(seed)
        with function.blamed():
            made = function.load()(features, self.label.width)
        self.inner = _model(function, made, features)
        self._order = _order(function, self.inner, features)
        with function.blamed():
            # Weights exist from here on, for the optimizer and for checkpoints.
            self({name: _nothing(spec) for name, spec in specs.items()})
        # Reading the examples in another order each epoch takes seeds of its own.
        tf.random.set_seed(None)
        if not self.trainable_variables and function.knows("keras"):
            raise UserCodeError(f"{function.title} has no weights to train; {KERAS_3}.")

    @property
    def served(self) -> list[Any]:
        """What the graph of an exported model uses beside its weights: what modules of TensorFlow
        Hub have loaded, and tables, files and further variables that a layer holds."""
        loaded = [getattr(layer, "resolved_object", None) for layer in self.inner._flatten_layers()]
        weights = {id(variable) for variable in self.variables}
        held = [
            each
            for each in tf.train.TrackableView(self.inner).descendants()
            if isinstance(each, _USED_BY_GRAPHS) and id(each) not in weights
        ]
        return [each for each in loaded if each is not None] + held

    def call(
        self, inputs: Inputs, training: bool = False, seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Transformed features, each [N, …], to what should be logits, [N, width of the label]."""
        if self._order is None:
            return self.inner(dict(inputs), training=training)
        given = [inputs[name] for name in self._order]
        return self.inner(given[0] if len(given) == 1 else given, training=training)


def network_of(
    functions: Mapping[str, UserFunction],
    declaration: Declaration,
    transform: TransformGraph,
    seed: int,
    options: Mapping[str, Any] | None = None,
) -> UserNetwork | None:
    """The user's network, where there is one. Raises UserCodeError."""
    if NETWORK not in functions:
        return None
    return UserNetwork(
        functions[NETWORK],
        declaration,
        transform.specs,
        {**transform.vocabularies, **_packed(transform.sizes)},
        seed=seed,
        preprocessed=PREPROCESS in functions,
        options=options,
    )


def _packed(sizes: Mapping[str, int]) -> dict[str, int]:
    """Of the vocabularies alone, by the feature that holds their places."""
    end = " size"
    return {name.removesuffix(end): n for name, n in sizes.items() if name.endswith(end)}


def _input(name: str, spec: Any) -> Any:
    sparse = isinstance(spec, tf.SparseTensorSpec)
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    return tf_keras.Input(
        shape=spec.shape[1:], dtype=spec.dtype, sparse=sparse, name=f"feature_{plain}"
    )


def _nothing(spec: Any) -> Any:
    """One example of zeros, as the spec has it."""
    if isinstance(spec, tf.SparseTensorSpec):
        return tf.SparseTensor(tf.zeros([0, 2], tf.int64), tf.zeros([0], spec.dtype), [1, 1])
    return tf.zeros([1, *spec.shape[1:]], spec.dtype)


def _model(function: UserFunction, made: Any, features: Features) -> Any:
    """What was returned, as a layer."""
    if isinstance(made, tf_keras.layers.Layer):
        return made
    libraries = {kind.__module__.split(".")[0] for kind in type(made).__mro__}
    if "tf_keras" in libraries and hasattr(made, "type_spec"):
        return tf_keras.Model([*features.values()], made)
    if "keras" in libraries:
        raise UserCodeError(f"{function.title} returned a {type(made).__name__}; {KERAS_3}.")
    called = "nothing" if made is None else f"a {type(made).__name__}"
    raise UserCodeError(
        f"{function.title} returned {called}; return a tf_keras.Model, or the tensor that was made"
        " of the features."
    )


def _order(function: UserFunction, model: Any, features: Features) -> Sequence[str] | None:
    """The features that a model takes one by one; None where it takes them by name."""
    if isinstance(model, tf_keras.Sequential):
        if len(features) > 1:
            raise UserCodeError(
                f"{function.title} returned a Sequential, which takes one input, and the features"
                f" are {_names(features)}; join them in a functional model."
            )
        return [*features]
    if not getattr(model, "_is_graph_network", False):
        return None
    names = {id(tensor): name for name, tensor in features.items()}
    order = []
    for tensor in model.inputs:
        name = names.get(id(tensor), tensor.name if tensor.name in features else None)
        if name is None:
            raise UserCodeError(
                f"{function.title} returned a model of the input {shown(tensor.name)}, which is no"
                f" feature; make it of features[…], which are {_names(features)}."
            )
        order.append(name)
    return order


def _names(features: Features) -> str:
    return shown(", ".join(features))
