from __future__ import annotations

import logging

from serving.server.repeats import Repeats


class World:
    """A logger behind the filter, what it said, and a clock to turn."""

    def __init__(self) -> None:
        self.now = 0.0
        self.said: list[str] = []
        self._filter = Repeats(lambda: self.now)

    def say(self, message: str, *args: object, level: int = logging.WARNING) -> None:
        record = logging.LogRecord("server", level, "", 0, message, args, None)
        if self._filter.filter(record):
            self.said.append(record.getMessage())


def test_the_same_message_passes_once_a_minute_with_a_count():
    world = World()
    for _ in range(1000):
        world.say("no versions of %s", "m")
        world.now += 0.05
    assert world.said == ["no versions of m"]
    world.now = 61
    world.say("no versions of %s", "m")
    assert world.said[1:] == ["no versions of m (and 999 times more since it was last said)"]


def test_other_messages_pass():
    world = World()
    for number in range(5):
        world.say("loaded %d", number)
    world.say("loaded 0", level=logging.ERROR)
    assert len(world.said) == 6


def test_what_happened_is_told_each_time():
    world = World()
    for _ in range(3):
        world.say("Loading servable: m", level=logging.INFO)
    assert len(world.said) == 3


def test_a_percent_sign_or_a_long_text_does_no_harm():
    world = World()
    world.say("%s", "100 %d")
    world.say("%s", "x" * 100_000)
    assert [len(said) for said in world.said] == [6, 2000]


def test_it_forgets_what_was_said_first_before_it_grows():
    world = World()
    for number in range(5000):
        world.say(f"message {number}")
    assert len(world._filter._said) == 1000
