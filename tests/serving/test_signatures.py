from __future__ import annotations

import base64
import json
import os
import shlex
import shutil
import subprocess

import numpy as np
import pytest

from serving.signatures import Input, SignatureError, choose, curl, example_instance

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


def test_the_command_keeps_any_model_name():
    address = shlex.split(curl("http://h:1", "a b/c?", None, "s", 1))[-1]
    assert address == "http://h:1/v1/models/a%20b%2Fc%3F:predict"


def test_the_command_survives_a_shell():
    words = shlex.split(curl("http://h:1/", "m", 3, "it's", {"x": b"\xff"}))
    assert words[0] == "curl"
    assert words[-1] == "http://h:1/v1/models/m/versions/3:predict"
    assert words[-2] == '{"signature_name": "it\'s", "instances": [{"x": {"b64": "/w=="}}]}'


@pytest.mark.skipif(shutil.which("base64") is None, reason="there is no base64")
def test_a_large_request_goes_through_a_pipe(tmp_path):
    content = np.random.default_rng(0).bytes(300_000)
    (tmp_path / "it's.png").write_bytes(content)
    echo = tmp_path / "curl"
    echo.write_text("#!/bin/sh\ncat\n")
    echo.chmod(0o755)
    wanted = {"signature_name": "s", "instances": [{"b64": base64.b64encode(content).decode()}]}
    for file in (None, "it's.png"):
        command = curl("http://h:1", "m", None, "s", content, file)
        assert (len(command) < 400) == (file is not None)
        path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        sent = subprocess.run(
            ["sh"], input=command.encode(), capture_output=True, check=True, cwd=tmp_path, env=path
        )
        assert json.loads(sent.stdout) == wanted
