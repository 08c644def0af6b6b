"""Which warm-up files are enough."""

from components.serving_check.checks.warm_up import judge
from tests.fashion_mnist import CHECK_OPTIONS


def test_every_expected_signature_must_be_warmed_up():
    [check] = judge(["serving_default", "image_bytes", "examples"], CHECK_OPTIONS)
    assert (check.ok, check.found) == (True, "3 requests answered")
    [check] = judge(["serving_default", "serving_default"], CHECK_OPTIONS)
    assert not check.ok
    assert check.expected == (
        "answered warm-up requests for serving_default, image_bytes, examples"
    )
    assert check.found == "2 requests answered, none for image_bytes, examples"
