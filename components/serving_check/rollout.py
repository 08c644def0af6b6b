"""Publishes, takes back and half copies the candidate under eight clients."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from components.serving_check import contention
from components.serving_check.candidate import VERSION, copy_folder
from components.serving_check.checks import comparison
from components.serving_check.checks.check import Check
from components.serving_check.checks.comparison import Comparison
from components.serving_check.checks.latency import AGAIN
from components.serving_check.checks.rollout import (
    TALLY_SECONDS,
    Rollout,
    Stage,
    Tally,
    in_time,
    went_back,
)
from components.serving_check.checks.rollout import judge as judge_rollout
from components.serving_check.clients import PAUSE_SECONDS, Answer, Clients
from components.serving_check.control import (
    LiveVersionError,
    is_of_the_machine,
    machine_error,
)
from components.serving_check.options import Options
from components.serving_check.partial_copies import PARTIAL_COPIES, spoil
from components.serving_check.served import Served
from components.serving_check.sides import Sides
from components.serving_check.stopwatch import Stopwatch
from serving.clients.rest_client import RestClient, ServingError
from serving.launch import ModelServer, UnavailableError, launch

FORMER, LATTER = VERSION, VERSION + 1
WITHDRAWN = ".withdrawn-2"
POLL_SECONDS = 0.1
"""Between the server's looks at the base path, if it takes that: nobody learns from its pauses."""
SETTLE_SECONDS = 0.3
"""How long clients go on after a switch, to notice what comes of it."""
UNHURRIED_SECONDS = 0.2
"""Between two requests of a client while nothing should change at all."""
LOOK_SECONDS = 0.05
"""Between two looks at which versions are there: a look costs as much as a request."""
PARTIAL_SECONDS = 3.0
"""Longer than any server's pause between two looks at the base path."""


@dataclasses.dataclass(frozen=True)
class Beside:
    """What was found on a server that began with the live version alone, or the candidate."""

    comparison: Comparison | None
    """None when nothing is live."""
    rollout: Rollout


def measure(served: Served) -> Beside:
    """Compares the two versions, then runs the drills; without a live version the candidate plays
    both parts."""
    with _beginning(served) as (server, base):
        drill = _RolledOut(server, base, served)
        compared = None
        if served.live:
            compared = comparison.measure(served, server, drill.signature)
        copy_folder(served.candidate, base / WITHDRAWN)
        swap, rollback = drill.there_and_back()
        megabytes = server.peak_rss_megabytes()
        partial, copies = drill.half_copies()
    rollout = Rollout(swap, rollback, partial, copies, megabytes, server.backend)
    return Beside(compared, rollout)


@contextlib.contextmanager
def _beginning(served: Served) -> Iterator[tuple[ModelServer, Path]]:
    """A server that has the live version alone, and its base path; without one the candidate's own:
    a server of its own would only load the same version once more."""
    if served.live is None:
        yield served.server, served.candidate.parent
        return
    with tempfile.TemporaryDirectory(prefix="rollout-") as folder:
        base = Path(folder) / served.model_name
        copy_folder(served.live, base / str(FORMER))
        with launch(
            base, served.model_name, backend=served.options.backend, poll_seconds=POLL_SECONDS
        ) as server:
            _wait_for_live(server, served)
            yield server, base


def _wait_for_live(server: ModelServer, served: Served) -> None:
    try:
        server.wait_available(FORMER, served.options.load_seconds)
    except UnavailableError as error:
        raise LiveVersionError(str(error)) from error


def judge(found: Beside, options: Options) -> list[Check]:
    """The rows of both."""
    return [*comparison.judge(found.comparison, options), *judge_rollout(found.rollout, options)]


class _RolledOut:
    def __init__(self, server: ModelServer, base: Path, served: Served) -> None:
        self._server = server
        self._base = base
        self._served = served
        self._options: Options = served.options
        self._status = RestClient(server.rest_url, served.model_name, timeout=5)
        self._sides = Sides(served, server.rest_url)
        self.signature = self._sides.signatures[0]
        """One that both versions have."""

    def _clients(self, pause: float = PAUSE_SECONDS) -> Clients:
        path = self._served.predict_path()
        return Clients(self._server.rest_url, path, self._sides.bodies, pause)

    def there_and_back(self) -> tuple[Stage, Stage]:
        """Publishes the candidate and withdraws it; where that was slow again, once in any case,
        since what holds a process up need not be others that compute, and once more where the
        machine was busy with others.

        Raises:
          MachineError: the machine was so busy that this says nothing.
        """
        limit = self._options.switch_seconds
        swap, rollback = self._there_and_back(again=0)
        while swap.again < AGAIN and self._is_late(swap, rollback):
            if swap.again and not self._is_held_up(swap, rollback):
                break
            swap, rollback = self._there_and_back(swap.again + 1)
        for name, stage in (("hot swap", swap), ("rollback", rollback)):
            own = contention.DRAG * limit if stage.own is None else stage.own
            contention.demand_verdict(name, own, limit, stage.busy, 1.0)
        return swap, rollback

    def _there_and_back(self, again: int) -> tuple[Stage, Stage]:
        version, withdrawn = self._base / str(LATTER), self._base / WITHDRAWN
        swap = self.change(lambda: withdrawn.rename(version), LATTER, back=False)
        rollback = self.change(lambda: version.rename(withdrawn), FORMER, back=True)
        return dataclasses.replace(swap, again=again), dataclasses.replace(rollback, again=again)

    def _is_late(self, *stages: Stage) -> bool:
        return any(not in_time(stage, self._options.switch_seconds) for stage in stages)

    def _is_held_up(self, *stages: Stage) -> bool:
        """Whether one took too long while the machine was busy with others."""
        limit = self._options.switch_seconds
        return any(
            self._is_late(stage) and not contention.is_idle(stage.waited, limit) for stage in stages
        )

    def change(self, act: Callable[[], object], version: int, *, back: bool) -> Stage:
        """Acts, and waits until `version` is the one that is served."""
        watch = Stopwatch(self._server.pid)
        limit = 2 * self._options.switch_seconds
        with self._clients() as clients:
            time.sleep(SETTLE_SECONDS)
            start = time.monotonic()
            watch.start()
            act()
            seconds = self._wait(version, limit)
            while seconds is None and time.monotonic() < start + limit + watch.lap().longest_wait:
                seconds = self._wait(version, limit)
            passed, lap = time.monotonic() - start, watch.lap()
            time.sleep(SETTLE_SECONDS)
        self._demand_sound(clients)
        stage = self._stage(clients.answers, None if seconds is None else passed, start, back=back)
        self._demand_means(stage, failed=seconds is None)
        busy = round(lap.lost / lap.wall, 2)
        waited = contention.waited(lap)
        return dataclasses.replace(stage, waited=round(waited, 2), busy=busy)

    def half_copies(self) -> tuple[Stage, tuple[str, ...]]:
        """Puts one half copy after the other beside the live version, each as the highest."""
        done = []
        start = time.monotonic()
        with self._clients(UNHURRIED_SECONDS) as clients:
            for number, how in enumerate(PARTIAL_COPIES, start=LATTER + 1):
                staging = self._base / f".staging-{number}"
                copy_folder(self._served.candidate, staging)
                if not spoil(staging, how):
                    shutil.rmtree(staging)
                    continue
                done.append(how)
                staging.rename(self._base / str(number))
                self._wait_tried(number)
                shutil.rmtree(self._base / str(number))
            seconds = self._wait(FORMER, PARTIAL_SECONDS)
        self._demand_sound(clients)
        stage = self._stage(clients.answers, seconds, start, back=None)
        self._demand_means(stage, failed=False)
        return stage, tuple(done)

    def _demand_sound(self, clients: Clients) -> None:
        """Raises when clients failed for what is neither the candidate's nor the server's fault."""
        if clients.fault:
            raise machine_error(clients.fault) from clients.fault
        if not self._server.alive:
            raise self._server.failure("while versions came and went")
        if self._server.held:
            raise machine_error(RuntimeError("the model server was stopped from outside"))

    def _demand_means(self, stage: Stage, *, failed: bool) -> None:
        """Raises when something was amiss while the server ran out of what no model takes."""
        if (failed or stage.failed) and (shortage := self._server.shortage):
            raise machine_error(RuntimeError(f"the model server said: {shortage}"))

    def _wait(self, version: int, limit: float) -> float | None:
        """Seconds until `version` is AVAILABLE and no other one is; None after `limit` seconds."""
        start = time.monotonic()
        while time.monotonic() < start + limit:
            if self._available() == {version}:
                return time.monotonic() - start
            time.sleep(LOOK_SECONDS)
        return None

    def _wait_tried(self, number: int) -> None:
        deadline = time.monotonic() + PARTIAL_SECONDS
        while time.monotonic() < deadline:
            states = self._states().get(number)
            if states in ("END", "AVAILABLE"):
                return
            time.sleep(LOOK_SECONDS)

    def _available(self) -> set[int]:
        return {number for number, state in self._states().items() if state == "AVAILABLE"}

    def _states(self) -> dict[int, str]:
        try:
            return {int(each["version"]): each["state"] for each in self._status.status()}
        except (OSError, ServingError) as error:
            if is_of_the_machine(error):
                raise machine_error(error) from error
            return {}

    def _stage(
        self,
        answers: Sequence[Answer],
        seconds: float | None,
        acted: float,
        *,
        back: bool | None,
    ) -> Stage:
        """What clients heard; `back` says that the candidate goes, None that it never comes."""
        failures = [answer.error for answer in answers if answer.error]
        wrong = []
        heard: dict[int, list[bool]] = {}
        first = answers[0].time if answers else acted
        counts: collections.Counter[tuple[int, str]] = collections.Counter()
        for answer in answers:
            at = int((answer.time - first) / TALLY_SECONDS)
            if answer.body is None:
                counts[at, "failed"] += 1
                continue
            side = self._sides.side(answer.question, answer.body)
            if side.problem or (back is None and not side.live):
                wrong.append(side.problem or "an answer of the half-copied version")
            is_latter = side.live if back else side.candidate and not side.live
            is_latter = is_latter and side.distinct
            counts[at, "latter" if is_latter else "former"] += 1
            if side.distinct:
                # Where both answer alike nobody can tell them apart, clients included.
                heard.setdefault(answer.client, []).append(is_latter)
        return Stage(
            requests=len(answers),
            failures=tuple(dict.fromkeys(failures))[:3],
            failed=len(failures),
            wrong=len(wrong),
            seconds=seconds,
            went_back=0 if back is None else went_back(list(heard.values())),
            acted=round(max(0.0, acted - first), 2),
            tallies=tuple(
                Tally(counts[at, "former"], counts[at, "latter"], counts[at, "failed"])
                for at in range(max((at for at, _ in counts), default=-1) + 1)
            ),
            mistakes=tuple(dict.fromkeys(wrong))[:3],
        )
