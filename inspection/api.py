"""The questions as methods, for Python and notebooks: `inspection.open_store`."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Sequence

from documents.terminal.counted import counted
from inspection.evidence.metrics import TOLERANCE
from inspection.files.base_path import BasePath, find_base_paths, read_base_path
from inspection.files.bucket import root_problem
from inspection.files.notes import Note, read_notes, write_note
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.ids import Record, resolve, resolve_run
from inspection.questions.browse import BrowseAnswer, browse
from inspection.questions.executions.killed import settle
from inspection.questions.fate.serving import ServingAnswer, serving
from inspection.questions.fate.standing import Standings
from inspection.questions.garbage.garbage import GarbageAnswer, garbage
from inspection.questions.lineage import Lineage, Reach, lineage
from inspection.questions.models.compared import ComparisonAnswer, compare_models
from inspection.questions.models.drift import DriftAnswer, drift
from inspection.questions.models.mistakes import MistakesAnswer, mistakes_of
from inspection.questions.models.models import model_of
from inspection.questions.models.origin import Origin, origin_of_model
from inspection.questions.models.rebuild import RebuildAnswer, compared, rebuild_model
from inspection.questions.runs.compared import RunsComparison, compare_runs
from inspection.questions.runs.difference import DifferenceAnswer, difference
from inspection.questions.runs.filter import Condition, RunFilter
from inspection.questions.runs.runs import RunsAnswer, list_runs
from inspection.questions.why import WhyAnswer, why
from inspection.store import open_history
from inspection.times import parse_age, parse_moment
from serving.base_path.storage import is_remote


def open_store(
    store: str | os.PathLike[str] = "workspace",
    *,
    root: str | os.PathLike[str] | None = None,
    base_path: str | None = None,
) -> Store:
    """Reads a store as it is now; open it again to see what has happened since.

    Args:
      store: an sqlite file or its folder, or an address such as `grpc://host:8080`.
      root: whose files may be read, or the address of artifacts in a bucket; by default the folder
        of the store, and where its runs had artifacts.
      base_path: the only one to look at; by default all that the store and its folder tell of.

    Raises:
      inspection.store.StoreError: there is no store, or none that can be read.
      ValueError: `root` is an address of which nothing can be read here.
    """
    if root and (problem := root_problem(os.fspath(root))):
        raise ValueError(f"root {problem}.")
    history = settle(open_history(os.fspath(store)))
    folder = history.path.parent if history.path else "workspace"
    if root and is_remote(os.fspath(root)):
        return Store(history, Workspace(folder, os.fspath(root)), base_path)
    return Store(history, Workspace(root or folder), base_path)


class Store:
    """One store, and the files around it.

    Runs, steps, artifacts and models are named as on the command line: `latest`, `r2`, `Trainer`,
    `a7`, the number of a version. Each answer is a dataclass with a `headline`, and a table to
    `to_pandas()`. A name that nothing has raises `inspection.history.ids.UnknownIdError`.
    """

    def __init__(self, history: History, workspace: Workspace, base_path: str | None) -> None:
        """Use open_store."""
        self.history = history
        self.workspace = workspace
        self._is_named = bool(base_path)
        paths = [base_path] if base_path else find_base_paths(history, workspace)
        self.base_paths: Sequence[BasePath] = [read_base_path(path) for path in paths]
        self._standings = Standings(history, workspace, self.base_paths)

    def __repr__(self) -> str:
        return f"<Store {self.history.address}: {counted(len(self.history.runs), 'run')}>"

    def find(self, name: str) -> Record:
        """The run, step or artifact of a name."""
        return resolve(self.history, name)

    def runs(
        self,
        last: int | None = None,
        *,
        pipeline: str | None = None,
        fate: str | None = None,
        order: str = "newest",
        state: str | None = None,
        since: str | None = None,
        where: Iterable[str] = (),
        tag: str | None = None,
        skip: int = 0,
    ) -> RunsAnswer:
        """Which runs there were, newest first, how they ended, and what is running.

        Args:
          last: how many at most.
          pipeline: only of this one.
          fate: only those that came out so: `live`, `refused`, `failed`, …
          order: `newest`, `oldest`, `longest`, `shortest`, or the name of a setting or metric, the
            largest first; with `-` before it the smallest.
          state: only those in it: `complete`, `failed`, `killed`, …
          since: only those started since: `7d`, `2026-11-23`.
          where: conditions that must hold, as `training.seed=1` or `SparseCategoricalAccuracy>0.8`.
          tag: only those that somebody tagged so.
          skip: so many of the first ones.

        Raises:
          ValueError: `since` is no time, there is no such state or fate, or a condition or order
            cannot be understood.
        """
        now = datetime.datetime.now(datetime.timezone.utc)
        moment = parse_moment(since, now) if since else None
        if since and moment is None:
            raise ValueError(f"{since!r} is no time; write 2026-11-23 09:00 (UTC), or 7d.")
        return list_runs(
            self.history,
            self.workspace,
            last=last,
            skip=skip,
            wanted=RunFilter(
                pipeline, fate, moment, order, state, tuple(map(Condition.parse, where)), tag
            ),
            standings=self._standings,
            notes=read_notes(self.workspace),
        )

    def compare_runs(self, *names: str, with_refused: bool = True) -> RunsComparison:
        """What differs among runs, and which is best; `with_refused=False` leaves some out."""
        return compare_runs(
            self.history,
            [resolve_run(self.history, name) for name in names],
            self.workspace,
            self._standings,
            with_refused=with_refused,
        )

    def note(self, name: str, text: str) -> Note:
        """Says something about a run or model, in a file beside the store.

        Raises:
          inspection.files.notes.NoteError: the text is empty or too long, or cannot be written.
        """
        return write_note(self.workspace, self.find(name), "note", text)

    def tag(self, name: str, tag: str, *, remove: bool = False) -> Note:
        """Puts a tag on a run or model, or takes it off; errors are those of `note`."""
        return write_note(self.workspace, self.find(name), "untag" if remove else "tag", tag)

    def notes(self, name: str) -> Sequence[Note]:
        """What was said about a run or model, oldest first."""
        return read_notes(self.workspace).of(self.find(name))

    def tags(self, name: str) -> Sequence[str]:
        """The tags that it has."""
        return read_notes(self.workspace).tags(self.find(name))

    def serving(self, at: str | None = None) -> list[ServingAnswer]:
        """What is live in each base path, or was at a time, and every push and rollback.

        Args:
          at: `2026-11-23 09:00` in UTC, or `2h ago`.

        Raises:
          ValueError: `at` is no time.
        """
        now = datetime.datetime.now(datetime.timezone.utc)
        moment = parse_moment(at, now) if at else None
        if at and moment is None:
            raise ValueError(f"{at!r} is no time; write 2026-11-23 09:00 (UTC), or 2h ago.")
        return serving(
            self.base_paths,
            now=now,
            at=moment,
            history=self.history,
            workspace=self.workspace,
            others=not self._is_named,
        )

    def why(self, name: str) -> WhyAnswer:
        """Why a model was refused or pushed, a step (not) cached, or a run failed."""
        return why(self.history, self.find(name), self.workspace, self._standings)

    def diff(self, before: str, now: str) -> DifferenceAnswer:
        """What changed between two runs."""
        first, second = (resolve_run(self.history, name) for name in (before, now))
        return difference(self.history, first, second, self.workspace, self._standings)

    def lineage(self, name: str, reach: Reach = "both") -> Lineage:
        """What something was made from (`up`), what came of it (`down`), or both."""
        return lineage(self.history, self.find(name), reach)

    def origin(self, model: str) -> Origin:
        """Which data, code, settings and Hub module a model was made from."""
        return origin_of_model(
            self.history, model_of(self.history, self.find(model)), self.workspace
        )

    def drift(self, metric: str, slice: str | None = None) -> DriftAnswer:
        """A metric over all evaluations."""
        return drift(self.history, self.workspace, metric, slice)

    def mistakes(self, model: str, slice: str = "") -> MistakesAnswer:
        """What a model answered worst, the rows of a slice where one is named: `label=6`."""
        found = model_of(self.history, self.find(model))
        return mistakes_of(self.history, self.workspace, found, slice)[0]

    def compare(self, before: str, now: str, tolerance: float = TOLERANCE) -> ComparisonAnswer:
        """Whether the second of two models is as good as the first."""
        first, second = (model_of(self.history, self.find(name)) for name in (before, now))
        return compare_models(self.history, self.workspace, first, second, tolerance)

    def rebuild(self, model: str) -> RebuildAnswer:
        """What it takes to make a model again, and what differs here."""
        found = model_of(self.history, self.find(model))
        return compared(rebuild_model(self.history, found, self.workspace))

    def garbage(self, older_than: str | None = None) -> GarbageAnswer:
        """What can be deleted safely; nothing is.

        Args:
          older_than: such as `30d`.

        Raises:
          ValueError: it is no age.
        """
        age = parse_age(older_than) if older_than else None
        if older_than and age is None:
            raise ValueError(f"{older_than!r} is no age; write 30d, 12h or 90m.")
        now = datetime.datetime.now(datetime.timezone.utc)
        return garbage(self.history, self.workspace, self.base_paths, older_than=age, now=now)

    def browse(self, kind: str, type: str | None = None) -> BrowseAnswer:
        """Everything of a kind: executions, artifacts, contexts or types."""
        return browse(self.history, kind, type=type)
