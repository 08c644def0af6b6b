"""What a signature can be asked, ready to be sent."""

from __future__ import annotations

import json

import numpy as np
import pytest

from components.serving_check.pool import Pool
from components.serving_check.reference import read_reference
from tests.components.serving_check.bench import EXAMPLES, IMAGES, make_bench
from tests.fashion_mnist import CHECK_OPTIONS

OPTIONS = CHECK_OPTIONS


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    bench = make_bench(tmp_path_factory.mktemp("bench"))
    return read_reference(str(bench.path("model")))


def test_pixels_are_reference_examples_and_edges(reference):
    pool = Pool(OPTIONS.signatures["serving_default"], reference, OPTIONS)
    assert (list(pool.real), pool.name(3)) == (list(range(EXAMPLES)), "example 3")
    assert len(pool.edges) == len(reference.edges) > 10
    assert len(pool.files) == 0
    assert pool.name(EXAMPLES) == "“all zero”"
    assert not pool.inputs[EXAMPLES].any()
    assert json.loads(pool.json([7, 0])) == [IMAGES[7].tolist(), IMAGES[0].tolist()]
    assert json.loads(pool.json_rows("images", [1])) == [{"images": IMAGES[1].tolist()}]
    assert json.loads(pool.json([])) == []


def test_files_come_after_them_without_those_that_are_refused(reference):
    pool = Pool(OPTIONS.signatures["image_bytes"], reference, OPTIONS)
    assert [pool.name(place) for place in pool.files] == ["“PNG, grey”"]
    [value] = json.loads(pool.json([pool.files[0]]))
    assert list(value) == ["b64"]
    assert np.allclose(pool.probabilities[pool.files[0]], reference.probabilities[0])


def test_every_signature_expects_the_same_answers(reference):
    pools = [Pool(each, reference, OPTIONS) for each in OPTIONS.signatures.values()]
    count = pools[0].files.start
    for pool in pools[1:]:
        assert np.array_equal(pool.probabilities[:count], pools[0].probabilities[:count])
