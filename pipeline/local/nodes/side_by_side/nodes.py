"""Runs the nodes of a pipeline side by side, each as soon as those before it are done."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from google.protobuf import message
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import execution_result_pb2, pipeline_pb2

from pipeline.local.failures.failure import is_ours
from pipeline.local.nodes.node_launch import NodeLaunch
from pipeline.local.nodes.result import NodeResult, Observer
from pipeline.local.nodes.side_by_side.executor_process import execute
from pipeline.local.nodes.side_by_side.schedule import Schedule
from pipeline.local.nodes.side_by_side.zygote import Zygote

ALONE = ("Pusher",)
"""They change what others than this run see, and compare it with what is there."""
_PATIENCE = 60.0
"""Seconds for an executor that was interrupted, to end what it has started."""
_Ended = tuple[NodeResult, BaseException | None]


class SideBySide:
    """Executors work at once, in a process each; drivers and the store are used by one at a time.

    The connection to the store is one, and a database takes a transaction at a time anyway.
    """

    def __init__(self, zygote: Zygote, jobs: int):
        """Runs nothing yet.

        Args:
          zygote: forks the processes of executors.
          jobs: how many nodes may run at once.
        """
        self._zygote = zygote
        self._jobs = jobs
        self.get_ready = zygote.start
        """Called in the thread of a node, before it needs an executor."""
        self._turn = threading.Lock()
        self._ended: queue.SimpleQueue[_Ended] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def execute(
        self, spec: message.Message, info: data_types.ExecutionInfo
    ) -> execution_result_pb2.ExecutorOutput:
        """Called in the thread of a node, `aside`."""
        return execute(self._zygote, spec, info)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Entered in the thread of a node, whose turn it is; meanwhile it is that of others."""
        self._turn.release()
        try:
            yield
        finally:
            self._turn.acquire()

    def run(
        self,
        nodes: Sequence[pipeline_pb2.PipelineNode],
        launch: NodeLaunch,
        observer: Observer,
        stopped: Callable[[], bool],
    ) -> tuple[list[NodeResult], Mapping[str, BaseException | None]]:
        """The results of nodes that succeeded, in the order of `nodes`; and those that did not.

        A node that fails ends none that runs, and keeps none from running but those behind it.
        With Ctrl-C all are told to end.

        Args:
          nodes: in topological order.
          launch: of one of them.
          observer: is told.
          stopped: whether the run shall end.
        """
        by_name = {node.node_info.id: node for node in nodes}
        skipped = [name for name, node in by_name.items() if _is_skipped(node)]
        schedule = Schedule(
            {name: node.upstream_nodes for name, node in by_name.items()},
            self._jobs,
            alone=ALONE,
            done=skipped,
        )
        results = {name: NodeResult(name, "skipped", 0.0) for name in skipped}
        for result in results.values():
            observer.node_finished(result)
        failures: dict[str, BaseException | None] = {}
        waiting = [name for name in by_name if name not in results]
        try:
            launch.lend(by_name[waiting[0]])
        except Exception as error:
            observer.node_started(waiting[0])
            observer.node_finished(NodeResult(waiting[0], "failed", 0.0))
            return [], {waiting[0]: error}
        try:
            while True:
                while name := schedule.next():
                    if stopped():
                        raise KeyboardInterrupt
                    schedule.start(name)
                    observer.node_started(name)
                    self._start(by_name[name], launch)
                if not schedule.running:
                    break
                self._take(self._ended.get(), schedule, observer, results, failures)
        except KeyboardInterrupt as error:
            waiting = [name for name in by_name if name not in results]
            self._interrupt()
            while not self._ended.empty():
                self._take(self._ended.get(), schedule, observer, results, failures)
            if waiting:
                failures = {next(iter(failures), waiting[0]): error}
        return [results[name] for name in by_name if name in results], failures

    def _start(self, node: pipeline_pb2.PipelineNode, launch: NodeLaunch) -> None:
        thread = threading.Thread(
            target=self._launch, args=(node, launch), name=node.node_info.id, daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _launch(self, node: pipeline_pb2.PipelineNode, launch: NodeLaunch) -> None:
        start = time.monotonic()
        error: BaseException | None = None
        try:
            with self._turn:
                result = launch.launch(node)
        except BaseException as raised:
            error = raised
            result = NodeResult(node.node_info.id, "failed", time.monotonic() - start)
        self._ended.put((result, error))

    def _interrupt(self) -> None:
        """Returns when no node works any more, or one holds on to its life."""
        self._zygote.interrupt()
        killed, given_up = time.monotonic() + _PATIENCE, time.monotonic() + 2 * _PATIENCE
        while alive := [thread for thread in self._threads if thread.is_alive()]:
            alive[0].join(1)
            if time.monotonic() > given_up:
                return
            if time.monotonic() > killed:
                self._zygote.kill()

    @staticmethod
    def _take(
        ended: _Ended,
        schedule: Schedule,
        observer: Observer,
        results: dict[str, NodeResult],
        failures: dict[str, BaseException | None],
    ) -> None:
        result, error = ended
        schedule.end(result.node, succeeded=result.state != "failed")
        if result.state == "failed":
            failures[result.node] = error
        else:
            results[result.node] = result
        observer.node_finished(result)


def told_first(failures: Mapping[str, BaseException | None], order: Sequence[str]) -> str:
    """The failure by which a run is said to have failed, where there are several.

    An error of this project says what to do, so it comes before one of a library: where data are
    wrong, a gate says so, and what choked on them does not.
    """

    def rank(node: str) -> tuple[bool, int]:
        error = failures[node]
        return error is None or not is_ours(error), order.index(node)

    return min(failures, key=rank)


def _is_skipped(node: pipeline_pb2.PipelineNode) -> bool:
    skipped: bool = node.execution_options.HasField("skip")
    return skipped
