from __future__ import annotations

from typing import Any

import pytest

from serving.server import flags
from serving.server.flags import FlagError, Flags


def test_known_flags_are_read_and_unknown_ones_handed_back():
    found, unknown = flags.parse(
        ["--rest_api_port=8501", "--model_base_path=/a=b", "--no_such=1", "--stop_with_stdin", "x"]
    )
    assert found == Flags(rest_api_port=8501, model_base_path="/a=b", stop_with_stdin=True)
    assert unknown == ["--no_such=1", "x"]


def test_a_value_needs_an_equals_sign_as_upstream():
    assert flags.parse(["--rest_api_port", "8501"]) == (Flags(), ["--rest_api_port", "8501"])


@pytest.mark.parametrize("argument", ["--rest_api_port=x", "--stop_with_stdin=maybe"])
def test_a_wrong_value_is_refused(argument: str):
    with pytest.raises(FlagError, match=argument.partition("=")[0]):
        flags.parse([argument])


@pytest.mark.parametrize(
    ("arguments", "seconds"),
    [
        ([], 1),
        (["--file_system_poll_wait_seconds=0"], 0),
        (["--file_system_poll_wait_seconds=-1"], -1),
        (["--file_system_poll_wait_seconds=3", "--file_system_poll_wait_millis=100"], 0.1),
    ],
)
def test_base_paths_are_looked_at_every_second_unless_told_otherwise(arguments, seconds):
    assert flags.parse(arguments)[0].poll_seconds == seconds


def test_the_usage_names_every_flag():
    assert "--file_system_poll_wait_seconds=1" in flags.usage()


def test_upstreams_flags_without_an_effect_here_are_no_unknown_arguments():
    arguments = ["--num_load_threads=4", "--flush_filesystem_caches=false", "--enable_profiler"]
    assert flags.parse(arguments) == (Flags(), [])


@pytest.mark.parametrize(
    ("given", "threads"),
    [
        ({}, (0, 0)),
        ({"tensorflow_session_parallelism": 3}, (3, 3)),
        ({"tensorflow_intra_op_parallelism": 2}, (2, 0)),
        ({"tensorflow_inter_op_parallelism": 2, "tensorflow_session_parallelism": 3}, (0, 2)),
    ],
)
def test_threads_are_given_for_both_or_apart(given: dict[str, Any], threads: tuple[int, int]):
    assert Flags(**given).parallelism == threads


def test_threads_given_in_both_ways_are_refused():
    with pytest.raises(FlagError, match="You cannot configure all"):
        _ = Flags(
            tensorflow_session_parallelism=1,
            tensorflow_intra_op_parallelism=1,
            tensorflow_inter_op_parallelism=1,
        ).parallelism
