"""Every wrong model is caught by the check that must catch it; every right one passes.

In CI the checks of correctness judge many mutants on each server: a wrong one by its own check, a
right one by all. `python -m tests.components.serving_check.mutants` does the same by hand, for any
of them and any model; docs/serving_check.md says how.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from components.serving_check.checks import sizes
from tests.components.serving_check.mutants.catalogue import MUTANTS
from tests.components.serving_check.mutants.conftest import Serve
from tests.components.serving_check.mutants.stand import CHUNK

RIGHT: tuple[str, ...] = (
    *("other_order", "more_outputs", "renamed_nodes", "dropout_off", "computed_noise"),
    *("random_noise", "frozen", "open_shapes", "saved_again", "csv_inside"),
    *("loops_of_tensorflow_1", "by_logarithms", "more_signatures"),
)
"""Each costs as much as a dozen wrong ones, so `make test` has none of them: that a model can pass
every check is shown by that of a whole run, in tests/e2e/test_local_run.py."""
EVERY_SIZE: tuple[str, ...] = ("random_noise", "frozen")
"""Those of them that are asked at every size too, which takes half the time of all checks."""
WRONG: tuple[str, ...] = (
    # batches.py
    *("alone", "pairs", "odd", "beyond_128", "examples_1024"),
    *("empty_fails", "last_row", "row_32", "batch_statistics", "neighbour", "reversed_small"),
    *("twice", "black_company", "squeezed", "hidden_dimension"),
    # outputs.py
    *("labels_shifted", "labels_swapped_for_examples", "labels_space", "label_second"),
    *("score_nan", "top_ascending", "logits", "float16", "float64", "one_output_more"),
    # pictures.py
    *("mirrored", "by_256", "very_dark", "black_is_nan", "jpeg_inverted", "red_for_blue"),
    *("grey_by_mean", "on_black", "stretched", "nearest", "exif_ignored"),
    *("missing_is_black", "more_features", "label_needed", "large_examples"),
    # elsewhere.py
    *("foggy", "one_light_grey", "two_shades", "few_shades", "nearly_white"),
    # additions.py
    *("labels_of_its_own", "classify_of_its_own", "two_tags", "other_file", "absolute_weights"),
    *("picture_left_out", "described_in_another_order"),
    # memories.py
    *("after_3_calls", "after_a_million_calls", "remembers", "drifts", "noise", "seldom"),
    *("clock", "second_load", "absolute_table", "prints", "dice_at_load"),
    "counted_by_generator",
    # weights.py
    *("no_bias", "one_bit", "nan_weight", "half_precision", "scale_for_offset"),
    # interfaces.py
    *("input_renamed", "signature_missing", "hidden_float64", "cuts_pictures", "only_examples"),
    # seldom.py
    *("exif_of_lesser_bytes", "grey_of_two_bits", "counts_in_place", "relative_table"),
    # races.py
    *("asked_alone", "whichever_is_first"),
    # tricks.py
    *("path_in_pieces", "climbing_asset", "collected_climbing_asset", "others_requests"),
    "jpeg_with_profile",
    # hidden.py
    *("graph_in_a_text", "memory_region", "as_they_are_done", "gradient_counts"),
    *("by_its_variables", "place_in_a_table", "heic_is_black", "picture_comes_later"),
    # camera_files.py
    *("known_by_jfif", "png_exif_of_lesser_bytes", "quarter_across", "gamma_of_screens"),
    *("laced_grey_of_four_bits", "large_alpha", "large_and_turned", "last_is_nearly_best"),
    # files.py
    *("garbage", "half_data", "unknown_operation", "table_not_filled", "python_code"),
)
"""What CI takes; MUTANTS=all takes every one that leaves its server alive."""
OF_EACH_ROW: tuple[str, ...] = (
    *("beyond_128", "last_row", "empty_fails", "logits", "one_bit"),
    *("labels_swapped_for_examples", "score_nan", "classify_of_its_own", "last_is_nearly_best"),
    *("float64", "signature_missing", "black_is_nan", "cuts_pictures", "on_black"),
    *("exif_ignored", "clock", "remembers", "described_in_another_order", "seldom"),
    *("garbage", "table_not_filled"),
)
"""Those of them that `make test` takes: the others cost it two minutes, each row has some here, and
checks have tests of their own."""
if os.environ.get("MUTANTS") == "all":
    RIGHT = EVERY_SIZE = tuple(name for name, mutant in MUTANTS.items() if mutant.row is None)
    WRONG = tuple(name for name, mutant in MUTANTS.items() if mutant.row and not mutant.harmful)


def groups() -> list[Any]:
    """Parameters (name, names of its server), in an order that starts a server once."""
    others = [name for name in (*RIGHT, *WRONG) if name not in OF_EACH_ROW]
    count = -(-len(others) // CHUNK)
    # Right ones take longest, so each server has its share.
    servers = [OF_EACH_ROW, *(tuple(others[number::count]) for number in range(count))]
    return [
        # With `--dist loadgroup`, each server is one process's.
        pytest.param(*(name, names), id=name, marks=[pytest.mark.xdist_group(names[0]), *marks])
        for names in servers
        for marks in [[] if names is OF_EACH_ROW else [pytest.mark.extended]]
        for name in names
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "together"), groups())
def test_is_judged_rightly(name: str, together: tuple[str, ...], serve: Serve):
    mutant = MUTANTS[name]
    without = sizes.NAME if mutant.row is None and name not in EVERY_SIZE else None
    rows = serve(together).check(name, mutant.row, without=without)
    failing = {row: check.found for row, check in rows.items() if not check.ok}
    if mutant.row is None:
        assert not failing, mutant.says
    else:
        assert mutant.row in failing, mutant.says
        assert "Traceback" not in failing[mutant.row]


def test_there_are_enough_of_them():
    assert len({*WRONG} & {*MUTANTS}) >= 60
    assert len({*RIGHT} & {*MUTANTS}) >= 10


def test_each_row_has_some_in_every_run():
    assert {*OF_EACH_ROW} <= {*WRONG}
    assert {MUTANTS[name].row for name in OF_EACH_ROW} == {MUTANTS[name].row for name in WRONG}


def test_each_is_described_in_one_line():
    assert all(mutant.says and "\n" not in mutant.says for mutant in MUTANTS.values())
