from __future__ import annotations

import io

import pytest

from serving.base_path import storage
from serving.objects.place import Place
from serving.objects.store import ChangedError, StoreError
from tests.serving.stores import Store

NAMES = ["a", "b c", "d/e", "d/ü%2F+x", "d/f/.hidden", "da"]


@pytest.fixture
def folder(store: Store) -> str:
    base = store.base()
    for name in NAMES:
        store.write(f"{base}/{name}", name.encode())
    return base


@pytest.mark.medium
def test_objects_look_like_files_in_folders(folder: str) -> None:
    assert storage.children(folder) == ["a", "b c", "d", "da"]
    assert storage.children(f"{folder}/d") == ["e", "f", "ü%2F+x"]
    assert storage.files(folder) == sorted(NAMES)
    for name in NAMES:
        with storage.reading(f"{folder}/{name}") as file:
            assert file.read() == name.encode()
    assert storage.exists(f"{folder}/d")
    assert not storage.exists(f"{folder}/g")
    size, changed = storage.usage(folder)
    assert size == sum(len(name.encode()) for name in NAMES)
    assert changed > 1e9


@pytest.mark.medium
@pytest.mark.parametrize("look", [storage.children, storage.files])
def test_a_folder_without_objects_is_missing(store: Store, look) -> None:
    with pytest.raises(FileNotFoundError):
        look(store.base())


def test_a_missing_object_is_a_missing_file(folder: str) -> None:
    with pytest.raises(FileNotFoundError), storage.reading(f"{folder}/d") as file:
        file.read()
    storage.remove_file(f"{folder}/nothing")  # as after an answer that was lost


def test_what_other_tools_mark_folders_with_is_no_file(store: Store) -> None:
    base = store.base()
    store.write(f"{base}/1/a")
    place = Place(base)
    place._store.put(f"{place._prefix}1/", io.BytesIO(), 0, None)
    assert storage.files(base) == ["1/a"]
    assert storage.children(f"{base}/1") == ["a"]
    storage.remove(base)
    assert not storage.exists(base)


def test_a_folder_is_removed_and_its_neighbours_stay(folder: str) -> None:
    storage.remove(f"{folder}/d")
    assert storage.files(folder) == ["a", "b c", "da"]


def test_a_file_is_read_in_pieces_from_anywhere(store: Store, monkeypatch) -> None:
    content = bytes(range(256)) * 200
    address = store.base()
    store.write(address, content)
    monkeypatch.setattr("serving.objects.content.LARGEST_REQUEST", 1000)
    with storage.reading(address) as file:
        assert file.read(10) == content[:10]
        file.seek(5_000)
        assert file.read(2_500) == content[5_000:7_500]
        file.seek(-7, io.SEEK_END)
        assert file.read() == content[-7:]
        assert file.read() == b""


@pytest.mark.medium
def test_a_file_that_is_written_anew_while_it_is_read_is_gone(store: Store) -> None:
    address = store.base()
    store.write(address, b"old" * 9_000_000)
    with storage.reading(address) as file:
        assert file.read(3) == b"old"
        store.write(address, b"new" * 9_000_000)
        with pytest.raises(FileNotFoundError):
            file.read()


def test_an_empty_file(store: Store) -> None:
    address = store.base()
    store.write(address, b"")
    with storage.reading(address) as file:
        assert file.read() == b""


def test_more_objects_than_a_store_lists_at_once(store: Store, monkeypatch) -> None:
    base = store.base()
    names = [f"{number}{name}" for number in range(3) for name in ("", "x/a", "x/b")]
    for name in names:
        store.write(f"{base}/{name}")
    monkeypatch.setattr(f"serving.objects.{store.scheme}.PAGE", 2)
    assert storage.files(base) == sorted(names)
    assert storage.children(base) == ["0", "0x", "1", "1x", "2", "2x"]


def test_conditions(store: Store) -> None:
    place = Place(store.base())
    tag = place.write_new(io.BytesIO(b"one"))
    with pytest.raises(ChangedError):
        place.write_new(io.BytesIO(b"two"))
    assert place.read() == (b"one", tag)
    later = place.write(io.BytesIO(b"three"), tag)
    with pytest.raises(ChangedError):
        place.write(io.BytesIO(b"four"), tag)
    assert place.read() == (b"three", later)
    place.demand_conditions()
    place.remove()
    with pytest.raises(ChangedError):
        place.write(io.BytesIO(b"five"), later)


@pytest.mark.medium
def test_copies_are_made_by_the_store(folder: str) -> None:
    storage.duplicate(folder, NAMES, f"{folder}-copy")
    assert storage.files(f"{folder}-copy") == sorted(NAMES)
    with pytest.raises(FileNotFoundError):
        storage.duplicate(folder, ["nothing"], f"{folder}-copy")


@pytest.mark.medium
def test_a_bucket_that_is_missing_is_no_empty_base_path(store: Store) -> None:
    address = f"{store.scheme}://no-such-bucket/base"
    for act in (storage.children, lambda a: storage.write(a, io.BytesIO(b"x"))):
        with pytest.raises(StoreError, match="there is no bucket called no-such-bucket; make it"):
            act(address)


def test_an_address_that_nothing_reads() -> None:
    for address in ("mystore://bucket/base", "gs://", "none://base"):
        with pytest.raises(OSError, match=r"only gs://BUCKET and s3://BUCKET"):
            storage.children(address)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "the store answers 403"),
        (401, "credentials"),
        (400, "the store answers 400"),
    ],
)
def test_what_trying_again_does_not_help_is_said_at_once(store: Store, status: int, said: str):
    address = store.base()
    storage.exists(address)
    store.wire.ill(50, status)
    with pytest.raises(StoreError, match=said):
        storage.children(address)
    assert store.wire.ill_answers <= 2  # Google's client asks for new credentials after 401.


def test_no_credentials_are_one_sentence(store: Store, monkeypatch, tmp_path) -> None:
    from serving.objects import place

    place._store.cache_clear()
    for name in ("STORAGE_EMULATOR_HOST", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    # Neither is a machine in a cloud asked for its own: nobody would answer, after seconds.
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    try:
        with pytest.raises(StoreError, match=f"no credentials for {store.scheme}:// are found"):
            storage.children(store.base())
    finally:
        place._store.cache_clear()
