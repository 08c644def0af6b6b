from __future__ import annotations

import numpy as np
import pytest

from serving.clients.signatures import (
    PREDICT,
    Input,
    SignatureError,
    choose,
    example_instance,
    live_signatures,
)

PIXELS = (Input("images", "DT_UINT8", (-1, 28, 28)),)
FILES = (Input("image_bytes", "DT_STRING", (-1,)),)
EXAMPLES = (Input("examples", "DT_STRING", (-1,)),)


def test_encoded_images_come_before_pixels():
    assert choose({"a": PIXELS, "z": FILES}, None) == "z"
    assert choose({"a": PIXELS, "e": EXAMPLES}, None) == "a"


def test_a_wrong_choice_lists_what_there_is():
    with pytest.raises(SignatureError, match="no signature 'b'; it has a, e"):
        choose({"a": PIXELS, "e": EXAMPLES}, "b")
    with pytest.raises(SignatureError, match="choose one with --signature: e"):
        choose({"e": EXAMPLES}, None)


def test_made_up_instances_have_the_form_of_the_signature():
    assert np.shape(example_instance(PIXELS)) == (28, 28)
    assert example_instance(FILES) == "text"
    both = example_instance((Input("a", "DT_FLOAT", (-1, 2)), Input("b", "DT_BOOL", None)))
    assert both == {"a": [0.0, 0.0], "b": False}


def test_the_name_of_a_tensor_tells_that_files_go_in():
    info = {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": "-1"}]}}
    inputs = {
        "photo": {**info, "name": "serving_default_image_bytes_0:0"},
        "image_url": {**info, "name": "serving_default_image_url:0"},
    }
    definition = {"inputs": inputs, "method_name": PREDICT}

    class Client:
        def metadata(self, version=None):
            return {"metadata": {"signature_def": {"signature_def": {"s": definition}}}}

    url, photo = live_signatures(Client())["s"]
    assert (url.is_picture, photo.is_picture) == (False, True)
