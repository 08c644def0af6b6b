from __future__ import annotations

import dataclasses

import pytest

from serving.server.status import Code, StatusError
from serving.server.versions.life_cycle import LifeCycle, State
from serving.server.versions.routes import ModelSpec

M = ModelSpec("m")


@dataclasses.dataclass
class Loaded:
    path: str
    closed: bool = False

    def close(self) -> None:
        self.closed = True


class World:
    """A life cycle whose loads fail for the folders in `broken`, and a clock to turn."""

    def __init__(self, retries: int = 0) -> None:
        self.broken: set[str] = set()
        self.loads: list[str] = []
        self.now = 0.0
        self.models = LifeCycle(
            self._load, max_retries=retries, retry_seconds=60, clock=lambda: self.now
        )

    def _load(self, path: str) -> Loaded:
        self.loads.append(path)
        if path in self.broken:
            raise StatusError(Code.NOT_FOUND, f"nothing in {path}")
        return Loaded(path)

    def want(self, *numbers: int) -> None:
        self.models.aspire("m", {number: str(number) for number in numbers})
        self.models.step()

    @property
    def states(self) -> dict[int, str]:
        return {version.number: version.state.name for version in self.models.status(M)}

    @property
    def live(self) -> int:
        with self.models.lease(M) as lease:
            return lease.number


def test_a_new_version_is_loaded_before_the_old_one_goes():
    world = World()
    world.want(1)
    with world.models.lease(M) as old:
        world.want(2)
        assert world.live == 2
        assert world.states == {1: "UNLOADING", 2: "AVAILABLE"}
        assert not old.model.closed
    world.want(2)
    assert old.model.closed
    assert world.states == {1: "END", 2: "AVAILABLE"}


def test_a_version_that_does_not_load_leaves_the_old_one_available():
    world = World()
    world.want(1)
    world.broken = {"2"}
    world.want(2)
    assert world.live == 1
    assert world.states == {1: "AVAILABLE", 2: "END"}
    [_, failed] = world.models.status(M)
    assert failed.error is not None
    assert failed.error.described == "NOT_FOUND: nothing in 2"


def test_a_version_that_was_given_up_is_tried_again_only_after_it_went_away():
    world = World()
    world.broken = {"1"}
    world.want(1)
    world.broken = set()
    world.want(1)
    assert world.loads == ["1"]
    world.want()
    world.want(1)
    assert world.live == 1


def test_rolling_back_loads_the_version_again():
    world = World()
    world.want(1)
    world.want(2)
    world.want(1)
    assert world.live == 1
    assert world.loads == ["1", "2", "1"]
    assert world.states == {1: "AVAILABLE", 2: "END"}


def test_a_version_wanted_again_while_it_unloads_comes_back():
    world = World()
    world.want(1)
    with world.models.lease(M):
        world.want()
        world.want(1)
        assert world.states == {1: "UNLOADING"}
    world.want(1)
    world.want(1)
    assert world.live == 1


def test_loads_are_repeated_without_holding_up_other_versions():
    world = World(retries=1)
    world.broken = {"2"}
    world.want(1, 2)
    assert world.states == {1: "AVAILABLE", 2: "LOADING"}
    world.want(1, 2)
    assert world.loads == ["2", "1"]
    world.now = 60
    world.want(1, 2)
    assert world.states == {1: "AVAILABLE", 2: "END"}
    assert world.loads == ["2", "1", "2"]


def test_an_unexpected_failure_is_an_internal_error_of_that_version():
    def load(path: str) -> Loaded:
        raise KeyError(path)

    models = LifeCycle(load, max_retries=0)
    models.aspire("m", {1: "1"})
    models.step()
    [version] = models.status(M)
    assert version.state is State.END
    assert version.error is not None
    assert version.error.code is Code.INTERNAL


def test_without_wanted_versions_everything_is_unloaded():
    world = World()
    world.want(1)
    world.want()
    assert world.states == {1: "END"}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (M, "Servable not found for request: Latest(m)"),
        (ModelSpec("m", 7), "Servable not found for request: Specific(m, 7)"),
    ],
)
def test_a_lease_on_what_is_not_available_is_not_found(spec: ModelSpec, text: str):
    with pytest.raises(StatusError) as caught, World().models.lease(spec):
        pass
    assert (caught.value.code, caught.value.message) == (Code.NOT_FOUND, text)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (ModelSpec("x"), "Could not find any versions of model x"),
        (ModelSpec("m", 2), "Could not find version 2 of model m"),
    ],
)
def test_the_status_of_what_never_was_is_not_found(spec: ModelSpec, text: str):
    world = World()
    world.want(1)
    with pytest.raises(StatusError) as caught:
        world.models.status(spec)
    assert (caught.value.code, caught.value.message) == (Code.NOT_FOUND, text)
