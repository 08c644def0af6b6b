"""Processes and devices that train one model together: what each computes, what they agree on.

Each process keeps a network of its own. All of them begin with the chief's values and apply the
same mean of all gradients in each step, so the networks stay alike, and evaluation, checkpoints and
export are those of a process by itself, and the chief's alone. The means go through the collectives
of tf.distribute.MultiWorkerMirroredStrategy.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from models.training.cluster import MULTI_WORKER, Cluster, ClusterError, cluster_of

MIRRORED = "mirrored"
PATIENCE_SECONDS = 600.0
"""How long a process waits for the others to start."""
_POLL_SECONDS = 0.2
_GONE = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError)


class ReplicasError(RuntimeError):
    """A process that trains along did not come, or is gone."""


class Replicas:
    """The devices of a process by itself, which has nobody to agree with."""

    rank, processes = 0, 1
    is_busy = False
    """Whether the others are in the middle of something, and listen to nothing else."""

    def __init__(self, devices: Sequence[str] = ()):
        """`devices` share the work; without any it is done where TensorFlow would do it."""
        self.devices = tuple(devices)

    @property
    def is_chief(self) -> bool:
        """Whether this process writes what comes of the training."""
        return self.rank == 0

    @property
    def count(self) -> int:
        """Parts of a batch."""
        return self.processes * max(1, len(self.devices))

    def mean(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """The mean of each over all processes, in a graph; of the same shapes and types."""
        return list(tensors)

    def chiefs(self, value: float) -> float:
        """The value that the chief gives."""
        return value

    def share(self, variables: Sequence[tf.Variable]) -> None:
        """Gives variables the values that they have in the chief."""

    def tell(self, text: str) -> str:
        """The text that the chief gives, in every process."""
        return text

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Around what needs the others.

        Raises:
          ReplicasError: one of them is gone.
        """
        yield


ALONE = Replicas()


class Processes(Replicas):
    """One of several processes."""

    def __init__(self, strategy: Any, cluster: Cluster, devices: Sequence[str] = ()):
        super().__init__(devices)
        self.rank, self.processes = cluster.rank, len(cluster.addresses)
        self._cluster, self._strategy = cluster, strategy

    def mean(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """See Replicas."""
        return self._reduced("MEAN", tensors)

    def chiefs(self, value: float) -> float:
        """See Replicas."""
        [found] = self._chiefs([tf.constant(value, tf.float64)])
        return float(found)

    def share(self, variables: Sequence[tf.Variable]) -> None:
        """See Replicas."""
        for variable, value in zip(variables, self._chiefs(variables), strict=True):
            variable.assign(value)

    def tell(self, text: str) -> str:
        """See Replicas."""
        data = np.frombuffer(text.encode(), np.uint8).astype(np.int32)
        [size] = self._chiefs([tf.constant(len(data))])
        own = data if self.is_chief else np.zeros(int(size), np.int32)
        [found] = self._chiefs([tf.constant(own)])
        return str(found.numpy().astype(np.uint8).tobytes().decode())

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """See Replicas."""
        try:
            yield
        except _GONE as error:
            self.is_busy = True
            raise ReplicasError(
                f"{self._who(str(error))} is gone, with which this process trains: start the same"
                " command in each process again, and the training goes on from its last checkpoint."
            ) from error

    def _chiefs(self, tensors: Sequence[Any]) -> list[tf.Tensor]:
        """The chief's values of tensors of numbers."""
        own = [tf.convert_to_tensor(each) for each in tensors]
        if not self.is_chief:
            own = [tf.zeros_like(each) for each in own]
        with self.watched():
            reduce = tf.function(lambda: self._reduced("SUM", own), autograph=False)
            found: list[tf.Tensor] = reduce()
            return found

    def _reduced(self, how: str, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        def reduce(*values: tf.Tensor) -> Any:
            # Collectives are placed where their inputs are made, and these are made nowhere yet.
            values = tuple(tf.identity(value) for value in values)
            context, found = tf.distribute.get_replica_context(), [*values]
            for dtype in dict.fromkeys(value.dtype for value in values):
                places = [place for place, value in enumerate(values) if value.dtype == dtype]
                reduced = context.all_reduce(how, [values[place] for place in places])
                for place, value in zip(places, reduced, strict=True):
                    found[place] = value
            return found

        found = self._strategy.run(reduce, args=tuple(tensors))
        # A process is one replica; where it has several devices, each gets the same.
        return [self._strategy.experimental_local_results(each)[0] for each in found]

    def _who(self, message: str) -> str:
        told = re.search(r"/job:(\w+)(?:/replica:\d+)?/task:(\d+)", message)
        if not told or told[1] not in self._cluster.jobs:
            return "A process"
        job, index = told[1], int(told[2])
        hosts = self._cluster.jobs[job]
        if index >= len(hosts) or (job, index) == (self._cluster.job, self._cluster.index):
            return "A process"
        return f"The process {job} {index} at {hosts[index]}"


_joined: Processes | None = None


def join(cluster: Cluster, patience_seconds: float = PATIENCE_SECONDS) -> Processes:
    """Waits for the other processes; call it before TensorFlow has computed anything.

    Raises:
      ReplicasError: one did not come.
    """
    global _joined
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({name: list(hosts) for name, hosts in cluster.jobs.items()}),
        task_type=cluster.job,
        task_id=cluster.index,
        rpc_layer="grpc",
    )
    gpus = [f"GPU:{n}" for n in range(len(tf.config.list_physical_devices("GPU")))]
    made: list[Any] = []

    def make() -> None:
        try:
            made.append(tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver))
        except Exception as error:
            made.append(error)

    # TensorFlow waits where no signal reaches it.
    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    left = patience_seconds
    while thread.is_alive() and left > 0:
        thread.join(_POLL_SECONDS)
        left -= _POLL_SECONDS
    if not made or isinstance(made[0], Exception):
        away = ", ".join(each for each in cluster.addresses if not _listens(each))
        raise ReplicasError(
            f"{f'The process at {away}' if away else 'A process'} of TF_CONFIG did not join the"
            f" training{f' ({_line(made[0])})' if made else ''}: start the same command there, with"
            " its own `task` in TF_CONFIG, and see that its port is free and reached from here."
        )
    _joined = Processes(made[0], cluster, gpus)
    return _joined


def replicas_of(strategy: str, batch_size: int) -> Replicas:
    """What trains by a strategy in this process.

    Raises:
      ClusterError: other processes would train as well, and did not join this one.
    """
    if strategy == MULTI_WORKER and _joined:
        return _joined
    if cluster_of(strategy, batch_size):
        raise ClusterError(
            f"Setting `training.strategy` = {MULTI_WORKER} is for local_runner.py, which has the"
            " processes meet before the first node; set it to none or mirrored here."
        )
    if strategy != MIRRORED:
        return ALONE
    for kind in ("GPU", "CPU"):
        found = len(tf.config.list_logical_devices(kind))
        if found > 1:
            return Replicas([f"{kind}:{number}" for number in range(found)])
        if found:
            break
    return ALONE


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=2):
            return True
    except OSError:
        return False


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]
