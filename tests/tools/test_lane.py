"""Which lock fits which machine."""

from __future__ import annotations

import pytest

from tools.lane import LaneError, Machine, choose_lane, this_machine


@pytest.mark.parametrize(
    ("machine", "lane"),
    [
        (Machine("Linux", "x86_64", (2, 31)), "compat"),
        (Machine("Linux", "x86_64", (2, 36)), "compat"),
        (Machine("Linux", "x86_64", (2, 39)), "current"),
        (Machine("Linux", "x86_64", (2, 41)), "current"),
        (Machine("Linux", "x86_64", (3, 0)), "current"),
        (Machine("Darwin", "arm64", None), "current"),
    ],
)
def test_the_c_library_decides(machine: Machine, lane: str):
    assert choose_lane(machine, {}).name == lane


def test_an_environment_variable_overrides():
    machine = Machine("Linux", "x86_64", (2, 41))
    assert choose_lane(machine, {"TFX_LANE": "compat"}).pythons == ("3.10",)


@pytest.mark.parametrize(
    ("machine", "environ", "sentence"),
    [
        (Machine("Linux", "x86_64", (2, 41)), {"TFX_LANE": "new"}, "TFX_LANE=new is no lane: set "),
        (Machine("Linux", "aarch64", (2, 41)), {}, "no wheels for Linux aarch64, glibc 2.41: use"),
        (Machine("Darwin", "x86_64", None), {}, "no wheels for Darwin x86_64: use Linux on x86-64"),
        (Machine("Linux", "x86_64", None), {}, "use a distribution with glibc"),
    ],
)
def test_other_machines_get_a_sentence(machine: Machine, environ: dict[str, str], sentence: str):
    with pytest.raises(LaneError, match=sentence):
        choose_lane(machine, environ)


def test_this_machine_has_a_lane():
    assert choose_lane(this_machine(), {}).name in ("compat", "current")
