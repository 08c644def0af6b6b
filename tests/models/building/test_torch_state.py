from __future__ import annotations

import io
import pickle
import struct
import sys
import types
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.building.torch_state import TorchFileError, read_state

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
VALUES = np.arange(12, dtype="<f4")


class _Rebuilt:
    """Pickled as PyTorch pickles a tensor."""

    def __init__(self, *arguments: Any):
        self.arguments = arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.arguments


class _Storage:
    """Pickled by its name, as a storage is."""

    def __init__(self, key: str, count: Any, dtype: str = "FloatStorage"):
        self.name = ("storage", getattr(sys.modules["torch"], dtype), key, "cpu", count, None)


class _Pickler(pickle.Pickler):
    def persistent_id(self, given: Any) -> Any:
        return given.name if isinstance(given, _Storage) else None


@pytest.fixture(autouse=True)
def torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules with the names that stand in such files."""
    module, inner = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in ("FloatStorage", "LongStorage", "ByteStorage"):
        setattr(module, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2() -> None: ...

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    vars(inner)["_rebuild_tensor_v2"] = _rebuild_tensor_v2
    monkeypatch.setitem(sys.modules, "torch", module)
    monkeypatch.setitem(sys.modules, "torch._utils", inner)


def tensor(
    storage: Any = None, start: Any = 0, shape: Any = (3, 4), strides: Any = (4, 1)
) -> _Rebuilt:
    return _Rebuilt(storage or _Storage("1", 12), start, shape, strides, False, OrderedDict())


def file(state: Any, *, storages: dict[str, np.ndarray] | None = None, **keys: Any) -> bytes:
    storages = {"1": VALUES} if storages is None else storages
    system = {"protocol_version": PROTOCOL, "little_endian": True, "type_sizes": {}}
    stream = io.BytesIO()
    parts = (keys.get("magic", MAGIC), PROTOCOL, keys.get("system", system), state)
    for part in (*parts, keys.get("names", sorted(storages))):
        _Pickler(stream, protocol=2).dump(part)
    for values in storages.values():
        stream.write(struct.pack("<q", keys.get("count", len(values))) + values.tobytes())
    return stream.getvalue()


def test_tensors_of_any_strides_and_types() -> None:
    state = OrderedDict(
        rows=tensor(),
        turned=tensor(shape=(4, 3), strides=(1, 4)),
        part=tensor(start=4, shape=(4,), strides=(1,)),
        one=tensor(start=11, shape=(), strides=()),
        count=tensor(_Storage("2", 1, "LongStorage"), shape=(), strides=()),
    )
    found = read_state(file(state, storages={"1": VALUES, "2": np.array([7], "<i8")}))
    assert [*found] == [*state]
    rows = VALUES.reshape(3, 4)
    for name, wanted in (("rows", rows), ("turned", rows.T), ("part", rows[1]), ("one", 11)):
        np.testing.assert_array_equal(found[name], wanted)
        assert found[name].dtype == np.float32
    assert found["count"] == 7


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"start": 1}, "larger than its numbers"),
        ({"start": -1}, "a tensor of nothing"),
        ({"shape": (3, -4)}, "a tensor of no shape"),
        ({"shape": (1 << 60, 1)}, "a tensor of no shape"),
        ({"shape": (3, 4), "strides": (4, -1)}, "read backwards"),
        ({"shape": (3, 4), "strides": (4,)}, "without strides"),
        ({"shape": (1000, 1000), "strides": (0, 0)}, "larger than its numbers"),
        ({"storage": "text"}, "a tensor of nothing"),
    ],
)
def test_tensor_that_lies_about_its_numbers(tensors: dict[str, Any], said: str) -> None:
    with pytest.raises(TorchFileError, match=said):
        read_state(file(OrderedDict(w=tensor(**tensors))))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"magic": 1}, "no PyTorch file of the kind"),
        ({"system": {"little_endian": False}}, "another order of bytes"),
        ({"names": ["1", "2"]}, "lists other numbers"),
        ({"count": 11}, "another count of numbers"),
    ],
)
def test_file_of_another_kind(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(TorchFileError, match=said):
        read_state(file(OrderedDict(w=tensor()), **keys))


def test_no_function_of_this_machine_is_called(capfd: pytest.CaptureFixture[str]) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return print, ("called",)

    for state in (OrderedDict(w=Hostile()), Hostile()):
        with pytest.raises(TorchFileError, match=r"asks for (__builtin__|builtins)\.print"):
            read_state(file(state))
    with pytest.raises(TorchFileError, match=r"asks for torch\.ByteStorage"):
        read_state(file(OrderedDict(w=tensor(_Storage("1", 12, "ByteStorage")))))
    assert capfd.readouterr().out == ""


def test_what_is_no_tensor_is_named() -> None:
    with pytest.raises(TorchFileError, match="holds int 'w' among its tensors"):
        read_state(file(OrderedDict(w=1), storages={}))


def test_more_or_less_than_the_file() -> None:
    whole = file(OrderedDict(w=tensor()))
    with pytest.raises(TorchFileError, match="goes on behind its last tensor"):
        read_state(whole + b"\0")
    with pytest.raises(TorchFileError, match="is cut short"):
        read_state(whole[:-1])


@given(st.data())
def test_damaged_bytes_are_refused_or_read(data: st.DataObject) -> None:
    whole = bytearray(file(OrderedDict(w=tensor())))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_state(bytes(whole))
    except TorchFileError:
        return
    assert all(isinstance(values, np.ndarray) and values.size <= 12 for values in found.values())
