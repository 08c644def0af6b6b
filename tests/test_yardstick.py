"""What a limit on CPU time may rest on."""

from __future__ import annotations

from tests.yardstick import slowness


def test_no_machine_is_quicker_than_the_usual_one():
    assert slowness() >= 1
