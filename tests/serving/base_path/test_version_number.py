from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.base_path.version_number import HIGHEST, LOWEST, names_by_number, version_number

READ = {
    "2": 2, "0000002": 2, "+2": 2, " 2": 2, "2 ": 2, "\t2": 2, "\n2": 2, "\v2\f\r": 2,
    "0": 0, "-0": 0, "-1": -1, "007": 7, "0" * 40 + "2": 2,
    str(HIGHEST): HIGHEST, str(LOWEST): LOWEST,
}  # fmt: skip
"""As TensorFlow 2.21 reads them: tf.strings.to_number(name, tf.int64)."""
NO_VERSIONS = [
    "", " ", "+", "-", "- 1", "--2", "+-2", "2.0", "2.", "1e3", "0x2", "2_0", "1 2", "2a", "v2",
    "\uff12", "²", "٢", "\u00a02", "2\u2003", str(HIGHEST + 1), str(LOWEST - 1),
    "9" * 20, "9" * 5_000, ".staging-2", ".withdrawn-2", "two", "\0",
]  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_a_model_server_takes_for_a_version(name: str) -> None:
    assert version_number(name) == READ[name]


@pytest.mark.parametrize("name", NO_VERSIONS)
def test_what_a_model_server_passes_over(name: str) -> None:
    assert version_number(name) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", [*READ, *NO_VERSIONS])
def test_tensorflow_reads_it_so(name: str) -> None:
    import tensorflow as tf

    if name.startswith("+") and tuple(map(int, tf.__version__.split(".")[:2])) < (2, 20):
        pytest.skip("this release takes no plus yet")
    try:
        number = int(tf.strings.to_number(name.encode(), tf.int64))
    except tf.errors.InvalidArgumentError:
        number = None
    assert number == version_number(name)


@given(st.text())
def test_a_number_is_whole_and_fits(name: str) -> None:
    number = version_number(name)
    assert number is None or LOWEST <= number <= HIGHEST == 2**63 - 1


@given(st.integers(LOWEST, HIGHEST))
def test_every_number_is_read_back(number: int) -> None:
    assert version_number(str(number)) == number


def test_of_several_names_of_one_number_the_plain_one_comes_first() -> None:
    names = ["10", "0000002", "2", " 2", "x", "007", "07"]
    assert names_by_number(names) == {2: ["2", " 2", "0000002"], 7: ["007", "07"], 10: ["10"]}
