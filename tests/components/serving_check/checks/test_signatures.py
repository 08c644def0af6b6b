"""Which signatures break their clients, and how that is said."""

import copy

import pytest

from components.serving_check.checks.signatures import judge
from tests.fashion_mnist import CHECK_OPTIONS

OPTIONS = CHECK_OPTIONS


def _tensor(dtype, *shape):
    return {
        "dtype": dtype,
        "tensor_shape": {
            "dim": [{"size": str(size), "name": ""} for size in shape],
            "unknown_rank": False,
        },
        "name": "x:0",
    }


def _tensors(tensors):
    return {key: _tensor(tensor.dtype, *tensor.shape) for key, tensor in tensors.items()}


GOOD = {
    name: {
        "inputs": _tensors(signature.inputs),
        "outputs": _tensors(signature.outputs),
        "method_name": "tensorflow/serving/predict",
    }
    for name, signature in OPTIONS.signatures.items()
}


def _found(change):
    """The text of the row after `change` was made to good signatures; None when it passes."""
    found = copy.deepcopy(GOOD)
    change(found)
    [check] = judge(found, OPTIONS)
    return None if check.ok else check.found


def test_the_expected_signatures_pass():
    [check] = judge(GOOD, OPTIONS)
    assert (check.ok, check.found) == (True, "all of them")
    assert check.expected == (
        "serving_default, image_bytes, examples with their inputs and outputs"
    )


def test_another_signature_beside_them_is_fine():
    assert _found(lambda found: found.update(classify=found["examples"])) is None


def test_a_known_size_where_any_is_allowed_is_fine():
    def narrow(found):
        found["serving_default"]["outputs"]["probabilities"] = _tensor("DT_FLOAT", -1, 10)

    assert _found(narrow) is None


def test_an_unknown_rank_is_left_to_parity():
    def forget(found):
        found["examples"]["outputs"]["score"] = {
            "dtype": "DT_FLOAT",
            "tensor_shape": {"dim": [], "unknown_rank": True},
        }

    assert _found(forget) is None


@pytest.mark.parametrize(
    ("signature", "kind", "key", "tensor", "text"),
    [
        (
            *("serving_default", "inputs", "images", _tensor("DT_FLOAT", -1, 28, 28)),
            "serving_default input images is DT_FLOAT instead of DT_UINT8",
        ),
        (
            *("serving_default", "inputs", "images", _tensor("DT_UINT8", -1, 32, 32)),
            "serving_default input images has shape [-1, 32, 32] instead of [-1, 28, 28]",
        ),
        (
            *("serving_default", "inputs", "images", _tensor("DT_UINT8", 1, 28, 28)),
            "serving_default input images has shape [1, 28, 28] instead of [-1, 28, 28]",
        ),
        (
            *("image_bytes", "outputs", "score", _tensor("DT_FLOAT", -1, 1)),
            "image_bytes output score has shape [-1, 1] instead of [-1]",
        ),
        (
            *("examples", "inputs", "key", _tensor("DT_STRING", -1)),
            "examples has an input too many, key",
        ),
        (
            *("serving_default", "outputs", "label", _tensor("DT_STRING", -1)),
            "serving_default has an output too many, label",
        ),
        ("image_bytes", "outputs", "embedding", _tensor("DT_FLOAT", -1, 64), None),
    ],
)
def test_a_changed_tensor_is_named(signature, kind, key, tensor, text):
    assert _found(lambda found: found[signature][kind].update({key: tensor})) == text


def test_everything_missing_is_named():
    def remove(found):
        del found["image_bytes"], found["examples"]["outputs"]["label"]

    assert _found(remove) == "no signature image_bytes; examples has no output label"


def test_another_method_is_named():
    def change(found):
        found["examples"]["method_name"] = "tensorflow/serving/classify"

    assert "examples has the method 'tensorflow/serving/classify' instead of" in _found(change)


def test_what_is_no_dense_tensor_is_named_rather_than_read():
    def sparse(found):
        found["serving_default"]["outputs"]["probabilities"] = {"coo_sparse": {}}

    assert "probabilities is DT_INVALID instead of DT_FLOAT" in _found(sparse)
    assert "probabilities is no dense tensor" in _found(sparse)
