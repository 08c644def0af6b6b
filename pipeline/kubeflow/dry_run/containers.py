"""How the containers of a dry run are started: forks of one interpreter, or each on its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.kubeflow.dry_run.compiled import Task
from pipeline.kubeflow.dry_run.interpreter import ENTRY_POINT, Interpreter, InterpreterError
from pipeline.kubeflow.dry_run.process import Container, Started

_CLASS = "--executor_class_path"
Environment = Mapping[str, str]


class Containers:
    """Starts a step's command; `close` it after the last.

    Args:
      tasks: those that will run.
      folder: for the log of the interpreter and its home.
      shared: whether steps that have the same variables share an interpreter. Elsewhere than on
        Linux they never do: a Mac's own libraries do not survive a fork.
    """

    def __init__(self, tasks: Sequence[Task], folder: Path, *, shared: bool):
        self._folder = folder
        self._classes: dict[frozenset[tuple[str, str]], list[str]] = {}
        for task in tasks if shared and sys.platform == "linux" else ():
            if (name := executor_class(task)) is not None:
                self._classes.setdefault(_key(task.variables), []).append(name)
        self._interpreters: dict[frozenset[tuple[str, str]], Interpreter | None] = {}

    @property
    def cpu_seconds(self) -> float:
        """What the interpreters took before the first step; 0 where each step has its own."""
        return sum(each.cpu_seconds for each in self._interpreters.values() if each is not None)

    def start(
        self, task: Task, command: Sequence[str], environment: Environment, folder: Path, log: Path
    ) -> Started:
        """Starts `command` of `task`; see process.Container for the rest.

        Raises:
          OSError: it cannot be started.
        """
        interpreter = self._interpreter(task, command, environment)
        if interpreter is not None:
            try:
                return interpreter.begin(command[1 + len(ENTRY_POINT) :], environment, folder, log)
            except InterpreterError:
                self._interpreters[_key(task.variables)] = None
        return Container(command, environment, folder, log)

    def close(self) -> None:
        for interpreter in self._interpreters.values():
            if interpreter is not None:
                interpreter.close()

    def _interpreter(
        self, task: Task, command: Sequence[str], environment: Environment
    ) -> Interpreter | None:
        key = _key(task.variables)
        alike = self._classes.get(key, [])
        # Alone it would only import what others need.
        if len(alike) < 2 or command[0] != sys.executable:
            return None
        if tuple(command[1 : 1 + len(ENTRY_POINT)]) != ENTRY_POINT:
            return None
        if key not in self._interpreters:
            home = self._folder / "home"
            home.mkdir(parents=True, exist_ok=True)
            given = {**environment, "HOME": str(home), "TMPDIR": str(home)}
            try:
                started = Interpreter(given, alike, self._folder / "log.txt")
            except InterpreterError:
                # What ends it ends the step, too, which then says so itself.
                self._interpreters[key] = None
            else:
                self._interpreters[key] = started
        return self._interpreters[key]


def executor_class(task: Task) -> str | None:
    """module.Class that the entry point is told to run; None for other containers."""
    if "container" not in task.executor:
        return None
    words = [
        str(word) for word in (*task.container.get("command", ()), *task.container.get("args", ()))
    ]
    if _CLASS not in words[:-1]:
        return None
    return words[words.index(_CLASS) + 1]


def _key(variables: Environment) -> frozenset[tuple[str, str]]:
    return frozenset(variables.items())
