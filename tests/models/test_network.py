from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from models.declaration import Declaration
from models.hub.module import HubError, Module
from models.network import Network, prediction_function
from tests.fashion_mnist import DECLARATION

SPECS = {"image": tf.TensorSpec([None, 28, 28, 1], tf.float32, "image")}
IMAGES = {"image": tf.random.stateless_uniform([3, 28, 28, 1], (0, 0))}


def save_module(folder: Path, image_shape: list[int | None], *, pooled: bool = True) -> Module:
    """A module that averages the colours of images of `image_shape` over all or no places."""
    saved = tf.train.Checkpoint()
    scale = tf.Variable(1.0, name="kernel")

    @tf.function(autograph=False)
    def call(inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        return tf.reduce_mean(inputs, [1, 2]) * scale if pooled else inputs * scale

    spec = tf.TensorSpec([None, *image_shape], tf.float32)
    for training in (True, False):
        call.get_concrete_function(spec, training=training)
    saved.__call__ = call
    saved.variables = saved.trainable_variables = [scale]
    # As much as the module's own decay adds to the loss.
    saved.regularization_losses = [tf.function(lambda: 0.5 * scale**2, input_signature=[])]
    tf.saved_model.save(saved, str(folder))
    return Module(folder, "handle", "0" * 64)


@pytest.mark.medium
def test_gives_a_logit_for_each_label(module: Module) -> None:
    assert Network(DECLARATION, module, trainable=True, seed=0)(IMAGES).shape == (3, 10)


@pytest.mark.medium
def test_predicts_probabilities(module: Module) -> None:
    predict = prediction_function(Network(DECLARATION, module, trainable=True, seed=0), SPECS)
    np.testing.assert_allclose(predict(IMAGES).numpy().sum(axis=1), np.ones(3), rtol=1e-6)


@pytest.mark.medium
def test_the_seed_decides_where_training_begins(module: Module) -> None:
    first, same, other = (
        Network(DECLARATION, module, trainable=True, seed=seed)(IMAGES) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.medium
def test_a_frozen_module_leaves_the_dense_layer_to_train(module: Module) -> None:
    frozen = Network(DECLARATION, module, trainable=False, seed=0)
    assert [variable.name for variable in frozen.trainable_variables] == ["kernel:0", "bias:0"]
    assert len(Network(DECLARATION, module, trainable=True, seed=0).trainable_variables) == 23


@pytest.mark.medium
@pytest.mark.parametrize("shape", [[28, 28, 1], [28, 28, 3], [32, 40, 3], [None, None, 3]])
def test_gives_a_module_images_as_it_wants_them(tmp_path: Path, shape: list[int | None]) -> None:
    network = Network(DECLARATION, save_module(tmp_path, shape), trainable=True, seed=0)
    assert prediction_function(network, SPECS)(IMAGES).shape == (3, 10)


def test_adds_the_losses_of_a_module(tmp_path: Path) -> None:
    network = Network(DECLARATION, save_module(tmp_path, [28, 28, 1]), trainable=True, seed=0)
    assert [float(loss) for loss in network.losses] == [0.5]


def test_refuses_what_is_no_module_of_images(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(HubError, match=r"^hub\.handle handle is no module"):
        Network(DECLARATION, Module(tmp_path, "handle", ""), trainable=True, seed=0)


TWO = Declaration.model_validate(
    {
        "features": {
            "front": {"kind": "image", "size": [28, 28], "module": "a handle"},
            "back": {"kind": "image", "size": [20, 10], "channels": 3},
        },
        "label": {"name": "kind", "kind": "classes", "values": ["mug", "vase"]},
    }
)


@pytest.mark.medium
@pytest.mark.parametrize("others", ["of all images", "none"])
def test_an_image_can_have_a_module_of_its_own(tmp_path: Path, others: str) -> None:
    own = save_module(tmp_path / "own", [28, 28, 1])
    of_all = save_module(tmp_path / "all", [None, None, 3]) if others == "of all images" else None
    own_is_frozen = TWO.model_copy(
        update={
            "features": {
                **TWO.features,
                "front": TWO.images["front"].model_copy(
                    update={"module": TWO.modules["front"].model_copy(update={"trainable": False})}
                ),
            }
        }
    )
    for declaration, frozen in ((TWO, ()), (own_is_frozen, ("front",))):
        network = Network(declaration, of_all, trainable=True, seed=0, modules={"front": own})
        images = {"front": IMAGES["image"], "back": tf.zeros([3, 20, 10, 3])}
        assert network(images).shape == (3, 2)
        assert network.frozen == frozen
        widths = {name: encoder.width for name, encoder in network.encoders.items()}
        assert widths["front"] == 1
        assert (widths["back"] == 3) == (of_all is not None)


def test_a_module_of_an_image_that_takes_none_is_named_by_its_setting(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(HubError, match=r"^features\.front\.module\.handle handle is no module"):
        Network(
            TWO, None, trainable=True, seed=0, modules={"front": Module(tmp_path, "handle", "")}
        )
