from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from models.hub.module import Module
from models.network import Network
from models.training.checkpoints import CheckpointError
from models.training.inputs import InputsError
from models.training.loop import Training, fit
from models.training.options import EarlyStoppingOptions, TrainingOptions
from models.training.replicas import ALONE, Replicas
from models.transform_graph import TransformGraph
from tests.fashion_mnist import DECLARATION
from tests.models.heard import heard

pytestmark = pytest.mark.slow

Shards = dict[str, list[str]]
# 300 examples: 15 steps an epoch.
OPTIONS = TrainingOptions(epochs=4, batch_size=20, checkpoint_steps=7)
SHORT = OPTIONS.model_copy(update={"epochs": 2, "batch_size": 5})


class Recorder:
    """Notes what it is told; interrupts after the epoch that ends with step `stop`."""

    def __init__(self, stop: int | None = None):
        self.stop = stop
        self.windows: list[tuple[int, float, float, float]] = []
        self.epochs: list[int] = []

    def window_ended(
        self, step: int, *, loss: float, accuracy: float, learning_rate: float
    ) -> None:
        self.windows.append((step, loss, accuracy, learning_rate))

    def epoch_ended(self, step: int) -> None:
        self.epochs.append(step)
        if step == self.stop:
            raise KeyboardInterrupt


class Bench:
    """Trains new networks on the same examples."""

    def __init__(self, module: Module, shards: Shards, transform_graph: str):
        self._module = module
        self._shards = shards["train"]
        self._parse = TransformGraph(transform_graph, DECLARATION).parse

    def train(
        self,
        options: TrainingOptions = OPTIONS,
        recorder: Recorder | None = None,
        checkpoints: Path | None = None,
        eval_losses: Sequence[float] = (),
        replicas: Replicas = ALONE,
    ) -> tuple[Training, Network]:
        network = Network(DECLARATION, self._module, trainable=True, seed=options.seed)
        folder = str(checkpoints) if checkpoints else None
        observer = recorder or Recorder()
        measure = iter(eval_losses).__next__
        training = fit(
            *(network, self._shards, self._parse, options, observer, folder, measure),
            replicas=replicas,
        )
        return training, network


@pytest.fixture(scope="module")
def bench(module: Module, shards: Shards, transform_graph: str) -> Bench:
    return Bench(module, shards, transform_graph)


def weights(network: Network) -> np.ndarray:
    return np.concatenate([variable.numpy().ravel() for variable in network.variables])


@pytest.fixture(scope="module")
def straight(bench: Bench) -> tuple[Training, Network]:
    """A training that nobody interrupted."""
    return bench.train(SHORT)


@pytest.fixture(scope="module")
def plain(bench: Bench) -> tuple[Recorder, Training, Network]:
    """One of images and labels as they are, and what its observer was told."""
    recorder = Recorder()
    options = OPTIONS.model_copy(update={"augment": False, "label_smoothing": 0.0})
    return recorder, *bench.train(options, recorder)


def test_learns_and_tells_its_observer(plain: tuple[Recorder, Training, Network]) -> None:
    recorder, training, _ = plain
    assert (training.steps, training.examples_seen) == (60, 1200)
    assert recorder.epochs == [15, 30, 45, 60]
    assert [window[0] for window in recorder.windows] == [50, 60]
    _, loss, accuracy, learning_rate = recorder.windows[-1]
    assert training.final_loss == loss < 0.1
    assert accuracy > 0.95
    assert learning_rate < OPTIONS.learning_rate


@pytest.mark.extended
def test_two_trainings_with_one_seed_are_the_same(
    bench: Bench, straight: tuple[Training, Network]
) -> None:
    (first, network), (second, other) = straight, bench.train(SHORT)
    assert second.final_loss == pytest.approx(first.final_loss, rel=1e-4)
    np.testing.assert_allclose(weights(other), weights(network), rtol=1e-3, atol=1e-4)


def test_a_batch_that_cannot_be_shared_is_refused(bench: Bench) -> None:
    with pytest.raises(InputsError, match="batch_size` = 20 cannot be shared by 3 replicas: make"):
        bench.train(replicas=Replicas(["CPU:0"] * 3))


@pytest.mark.extended
def test_a_training_ends_early_with_its_best_weights_interrupted_or_not(
    bench: Bench, tmp_path: Path
) -> None:
    options = OPTIONS.model_copy(update={"early_stopping": EarlyStoppingOptions(patience=1)})
    recorder = Recorder()
    training, network = bench.train(options, recorder, eval_losses=[2.0, 1.0, 1.5])
    assert (training.steps, training.examples_seen) == (45, 900)
    assert recorder.epochs == [15, 30, 45]
    assert training.final_loss > 0
    with pytest.raises(KeyboardInterrupt):
        bench.train(options, Recorder(stop=30), tmp_path, eval_losses=[2.0, 1.0])
    resumed, other = bench.train(options, checkpoints=tmp_path, eval_losses=[1.0, 1.5])
    assert resumed.steps == 45
    np.testing.assert_allclose(weights(other), weights(network), rtol=1e-3, atol=1e-4)


@dataclasses.dataclass(frozen=True)
class Resumed:
    """A training that was interrupted once and went on, with its checkpoints."""

    checkpoints: Path
    first_messages: Sequence[str]
    """What it said until it was interrupted."""
    messages: Sequence[str]
    """What it said after that."""
    recorder: Recorder
    training: Training
    network: Network


@pytest.fixture(scope="module")
def resumed(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Resumed:
    folder = tmp_path_factory.mktemp("checkpoints")
    with heard("progress") as first, pytest.raises(KeyboardInterrupt):
        bench.train(SHORT, Recorder(stop=60), folder)
    recorder = Recorder()
    with heard("progress") as said:
        training, network = bench.train(SHORT, recorder, folder)
    return Resumed(folder, first, said, recorder, training, network)


def test_an_interrupted_training_ends_as_if_it_was_not(
    straight: tuple[Training, Network], resumed: Resumed
) -> None:
    training, network = straight
    assert not [text for text in resumed.first_messages if text.startswith("resuming")]
    assert "resuming after step 56 of 120" in resumed.messages
    assert resumed.recorder.epochs == [60, 120]
    assert resumed.training.final_loss == pytest.approx(training.final_loss, rel=1e-4)
    np.testing.assert_allclose(weights(resumed.network), weights(network), rtol=1e-3, atol=1e-4)


def test_a_finished_training_is_not_done_again(bench: Bench, resumed: Resumed) -> None:
    recorder, first = Recorder(), resumed.training
    again, other = bench.train(SHORT, recorder, resumed.checkpoints)
    assert not recorder.epochs
    assert dataclasses.replace(again, seconds=first.seconds) == first
    assert np.array_equal(weights(other), weights(resumed.network))


def test_says_which_folder_to_delete_when_a_checkpoint_is_damaged(
    bench: Bench, resumed: Resumed, tmp_path: Path
) -> None:
    folder = shutil.copytree(resumed.checkpoints, tmp_path / "damaged")
    for file in folder.glob("ckpt-*.data-*"):
        file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match=f"cannot be read: delete {folder} to train"):
        bench.train(SHORT, checkpoints=folder)


def test_says_when_no_batch_can_be_filled(bench: Bench) -> None:
    with pytest.raises(InputsError, match=r"only 300 .* training\.batch_size = 512: lower it"):
        bench.train(OPTIONS.model_copy(update={"batch_size": 512}))


def test_trains_on_labels_of_the_transform_graph(
    plain: tuple[Recorder, Training, Network],
) -> None:
    _, _, network = plain
    image = np.zeros((1, 28, 28, 1), np.float32)
    image[:, 10] = 1
    assert int(tf.argmax(network({"image": image}), axis=1)[0]) == 3
