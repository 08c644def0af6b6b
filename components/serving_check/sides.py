"""Whose answer it is: the live version's or the candidate's, while they change places."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.serving_check.answers import AnswerError, output_array
from components.serving_check.candidate import read_signatures
from components.serving_check.checks.compatibility import offers
from components.serving_check.control import (
    LiveVersionError,
    is_of_the_machine,
    machine_error,
)
from components.serving_check.served import Served

EXAMPLES = 6
"""Of the reference, through every signature that both versions have."""


@dataclasses.dataclass(frozen=True)
class Side:
    """One answer."""

    live: bool
    """Whether the live version answers so."""
    candidate: bool
    """Whether the candidate has to answer so."""
    distinct: bool
    """Whether the two answer the question differently."""
    problem: str = ""
    """Why it is neither's."""


class Sides:
    """Knows what both versions answer to a few questions."""

    def __init__(self, served: Served, rest_url: str) -> None:
        """Asks the live version, which is alone on the server now.

        What the candidate answers is known from the reference; of the live version nothing is
        known but what it says.

        Raises:
          LiveVersionError: it does not answer.
          AnswerError: the candidate has no signature that it has.
        """
        self._served = served
        live = read_signatures(served.live) if served.live else served.signatures
        shared = [
            name
            for name in served.options.signatures
            if offers(live.get(name, {}), served.signatures.get(name, {}), served.options.output)
        ]
        if not shared:
            raise AnswerError("no signature can be asked of both the live version and this one")
        self.signatures = shared
        """Those that both versions have."""
        self._questions = [
            (name, [number * 7 % len(served.pool(name).real)])
            for number in range(EXAMPLES)
            for name in shared
        ]
        self.bodies = [served.body(name, places) for name, places in self._questions]
        self._known: dict[tuple[int, bytes], Side] = {}
        self._live: list[NDArray[np.float32]] = []
        if served.live:
            with served.another_connection(rest_url) as live_version:
                self._live = [_live_answer(live_version, body) for body in self.bodies]

    def side(self, question: int, answer: bytes) -> Side:
        """Whose answer to the body at `question` it is."""
        key = question, answer
        if key not in self._known:
            self._known[key] = self._judged(question, answer)
        return self._known[key]

    def _judged(self, question: int, answer: bytes) -> Side:
        name, places = self._questions[question]
        problem = self._served.wrong(name, places, answer)
        if not self._live:
            return Side(not problem, not problem, distinct=False, problem=problem or "")
        live = self._live[question]
        wanted = self._served.pool(name).probabilities[places]
        try:
            is_live = self._same(output_array(answer, self._served.options.output), live)
        except AnswerError:
            is_live = False
        return Side(
            live=is_live,
            candidate=not problem,
            distinct=not self._same(live, wanted),
            problem="" if is_live else problem or "",
        )

    def _same(self, one: NDArray[np.float32], other: NDArray[np.floating[Any]]) -> bool:
        return self._served.options.parity.holds(one, other)


def _live_answer(live: Served, body: bytes) -> NDArray[np.float32]:
    try:
        return output_array(live.send(body), live.options.output)
    except (AnswerError, OSError) as error:
        if is_of_the_machine(error):
            raise machine_error(error) from error
        raise LiveVersionError(str(error)) from error
