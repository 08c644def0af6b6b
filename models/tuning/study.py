"""A search: which trial comes next, what became of it, and whether the best one is confirmed."""

from __future__ import annotations

import json
import logging
import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import tensorflow as tf

from documents.tuning import DONE, FAILED, STOPPED, Dimension, Repeat, Trial, Tuning
from models.training.options import TrainingOptions
from models.tuning.bench import Bench, DivergedError
from models.tuning.budget import Budget, TimeUpError
from models.tuning.confirmation import seeds_of
from models.tuning.findings import changes, findings, told
from models.tuning.journal import Journal
from models.tuning.metrics import METRICS
from models.tuning.proposals import is_hopeless, propose, ranked
from models.tuning.space import changed, current

logger = logging.getLogger("progress")


class _HopelessError(Exception):
    """Ends a training that is not worth going on with."""


class Study:
    """What a search has to decide, and all that it knows."""

    def __init__(
        self,
        bench: Bench,
        journal: Journal,
        budget: Budget,
        training: TrainingOptions,
        dimensions: Sequence[Dimension],
        metric: str,
        most: int | None,
    ):
        """`training` is what the settings say, `most` how many trials there may be."""
        self.bench, self.journal, self.budget = bench, journal, budget
        self.training, self.dimensions, self.metric, self.most = training, dimensions, metric, most
        self.higher = METRICS[metric].higher_is_better
        self.defaults = current(training, dimensions)
        self.seeds = seeds_of(training.seed)
        self.ended = "trials"
        self._next: dict[str, Any] = self.defaults
        """Values of the trial that is about to run."""

    @property
    def best(self) -> Trial | None:
        """Of those that were trained to their end."""
        order = ranked(self.journal.trials, self.higher)
        return order[0] if order else None

    def next_values(self, number: int) -> dict[str, Any] | None:
        """Of the next trial; None where the search is over."""
        if not number:
            return self.defaults
        if self.budget.left < self._reserve() + self._usual():
            self.ended = "time"
            return None
        values = propose(
            self.dimensions,
            self.journal.trials,
            number=number,
            seed=self.training.seed,
            higher_is_better=self.higher,
        )
        if values is None:
            self.ended = "space"
            return None
        self._next = values
        return values

    def run(self, number: int) -> Trial:
        """Trains trial `number` and writes it down. Raises TimeUpError."""
        values = self._values_of(number)
        history: list[float] = []
        started, reason = time.monotonic(), None
        state: Literal["done", "stopped", "failed"] = "done"

        def watch(found: list[float]) -> None:
            history[:] = found
            self._tell(number, found)
            if number and self.budget.left < self._reserve():
                raise TimeUpError
            others = self.journal.trials
            if is_hopeless(found, self.training.epochs, others, higher_is_better=self.higher):
                raise _HopelessError

        try:
            history[:] = self.bench.train(self._options(values), watch)
        except _HopelessError:
            state = "stopped"
        except (DivergedError, ValueError, tf.errors.ResourceExhaustedError) as error:
            # The settings as they are have to work; what is tried beside them need not.
            if not number:
                raise
            state, reason = "failed", str(error).strip().partition("\n")[0]
        trial = Trial(
            number=number,
            values=values,
            state=state,
            value=history[-1] if history and not reason else None,
            history=tuple(history),
            seconds=round(time.monotonic() - started, 3),
            **({"reason": reason} if reason else {}),
        )
        self.journal.add(trial)
        self._tell_ended(trial)
        return trial

    def confirm(self) -> None:
        """Trains the best trial and the settings as they are with seeds of their own."""
        best = self.best
        if best is None or not best.number:
            return
        done = {(each.number, each.seed) for each in self.journal.repeats}
        for index, seed in enumerate(self.seeds):
            for number in (0, best.number):
                if (number, seed) in done:
                    continue
                logger.info(
                    "confirming trial %d: seed %d of %d of %s",
                    *(best.number, index + 1, len(self.seeds)),
                    "the settings as they are" if not number else f"trial {number}",
                )
                self.journal.add(self._repeat(number, seed))

    def document(self) -> Tuning:
        """What was found so far."""
        return findings(
            self.dimensions,
            self.journal.trials,
            self.journal.repeats,
            self.seeds,
            metric=self.metric,
            higher_is_better=self.higher,
            examples=self.bench.examples,
            ended=self.ended,
        )

    def tell_interrupted(self) -> None:
        """Says what is best so far, and that nothing is lost."""
        best = self.best
        if best is None:
            logger.warning("interrupted before a trial was done")
            return
        settings = " ".join(
            f"--set {key}={json.dumps(value)}"
            for key, value in changes(self.journal.trials, best.number).items()
        )
        logger.warning(
            "interrupted after %d trials, and the same command goes on; best so far, not"
            " confirmed: %s %.4f with %s",
            *(len(self.journal.trials), self.metric, best.value),
            settings or "the settings as they are",
        )

    def _repeat(self, number: int, seed: int) -> Repeat:
        started = time.monotonic()
        options = self._options(self._values_of(number)).model_copy(update={"seed": seed})
        value: float | None = None
        try:
            value = self.bench.train(options, lambda history: None)[-1]
        except DivergedError:
            logger.info("seed %d: the training diverged", seed)
        seconds = round(time.monotonic() - started, 3)
        return Repeat(number=number, seed=seed, value=value, seconds=seconds)

    def _options(self, values: Mapping[str, Any]) -> TrainingOptions:
        same = {key for key, value in values.items() if value == self.defaults[key]}
        return changed(self.training, {k: v for k, v in values.items() if k not in same})

    def _values_of(self, number: int) -> dict[str, Any]:
        if number < len(self.journal.trials):
            return self.journal.trials[number].values
        return self._next

    def _usual(self) -> float:
        """Seconds of a training that is not stopped."""
        found = [trial.seconds for trial in self.journal.trials if trial.state == DONE]
        return statistics.median(found) if found else 0.0

    def _reserve(self) -> float:
        """Seconds that the confirmation will take, but never more than half of the time."""
        if not self.journal.trials:
            return 0.0
        return min(2 * len(self.seeds) * self._usual(), self.budget.seconds / 2)

    def _tell(self, number: int, history: list[float]) -> None:
        self._log(
            f"trial {number}, epoch {len(history)}/{self.training.epochs}:"
            f" {self.metric} {history[-1]:.4f}{self._best_so_far()}"
        )

    def _tell_ended(self, trial: Trial) -> None:
        what = trial.reason or f"{self.metric} {trial.value or 0:.4f}"
        state = {DONE: "", STOPPED: ", stopped early", FAILED: ""}[trial.state]
        self._log(f"trial {trial.number}: {what}{state}{self._best_so_far()}")

    def _best_so_far(self) -> str:
        best = self.best
        if best is None:
            return ""
        named = told(changes(self.journal.trials, best.number)) if best.number else ""
        which = f"trial {best.number}, {named}" if named else "the settings as they are"
        return f"; best so far {best.value:.4f} ({which})"

    def _log(self, text: str) -> None:
        done = len(self.journal.trials)
        if self.most:
            step, total = done, self.most
        else:
            total = int(self.budget.seconds)
            step = min(total, max(0, int(self.budget.seconds - self.budget.left)))
        logger.info("%s", text, extra={"step": step, "total": total})
