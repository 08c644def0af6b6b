from __future__ import annotations

import gzip
import io
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.hub.archive import ArchiveError, saved_model_folder, unpack

MEGABYTE = 1_000_000
GRAPH = b"graph"


def member(name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def tar_gz(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for info, data in members:
            info.size = info.size or len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def everything_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_files_and_folders_arrive_as_they_were_packed(tmp_path: Path) -> None:
    archive = tar_gz(
        tmp_path / "module.tar.gz",
        (member("./", tarfile.DIRTYPE), b""),
        (member("./saved_model.pb"), GRAPH),
        (member("./variables", tarfile.DIRTYPE), b""),
        (member("./variables/variables.index"), b"index"),
    )
    unpack(archive, tmp_path / "out", MEGABYTE)
    assert saved_model_folder(tmp_path / "out") == tmp_path / "out"
    assert (tmp_path / "out/saved_model.pb").read_bytes() == GRAPH
    assert (tmp_path / "out/variables/variables.index").read_bytes() == b"index"


def test_modes_and_owners_stay_in_the_archive(tmp_path: Path) -> None:
    info = member("saved_model.pb", mode=0o6777, uid=0, gid=0)
    unpack(tar_gz(tmp_path / "a.tgz", (info, GRAPH)), tmp_path / "out", MEGABYTE)
    assert (tmp_path / "out/saved_model.pb").stat().st_mode & 0o7111 == 0


APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(60)


@pytest.mark.parametrize(
    "leftovers",
    [
        ("._encoder", "encoder/._saved_model.pb", "encoder/variables/._variables.index"),
        (".DS_Store", "encoder/.DS_Store"),
        ("__MACOSX/encoder/._saved_model.pb",),
        ("./._.", "./._encoder"),
    ],
)
def test_what_a_mac_adds_is_left_out(tmp_path: Path, leftovers: tuple[str, ...]) -> None:
    archive = tar_gz(
        tmp_path / "a.tgz",
        *((member(name), APPLE_DOUBLE) for name in leftovers),
        (member("encoder/saved_model.pb"), GRAPH),
    )
    unpack(archive, tmp_path / "out", MEGABYTE)
    assert everything_in(tmp_path / "out") == {"encoder", "encoder/saved_model.pb"}
    assert saved_model_folder(tmp_path / "out") == tmp_path / "out" / "encoder"


@pytest.mark.parametrize("name", ["saved_model.pb", "saved_model.pbtxt"])
def test_the_module_lies_below_folders_that_hold_nothing_else(tmp_path: Path, name: str) -> None:
    module = tmp_path / "google" / "encoder" / "1"
    (module / "variables").mkdir(parents=True)
    (module / name).write_bytes(GRAPH)
    (tmp_path / "google" / ".DS_Store").write_bytes(b"")
    assert saved_model_folder(tmp_path) == module


@pytest.mark.parametrize(
    ("info", "complaint"),
    [
        (member("../evil"), "not a path inside"),
        (member("variables/../../evil"), "not a path inside"),
        (member("..", tarfile.DIRTYPE), "not a path inside"),
        (member("/tmp/evil"), "not a path inside"),
        (member("a\nb"), "not a path inside"),
        (member("link", tarfile.SYMTYPE, linkname="/etc/passwd"), "no plain file"),
        (member("link", tarfile.SYMTYPE, linkname="saved_model.pb"), "no plain file"),
        (member("link", tarfile.LNKTYPE, linkname="saved_model.pb"), "no plain file"),
        (member("device", tarfile.CHRTYPE, devmajor=1, devminor=3), "no plain file"),
        (member("device", tarfile.BLKTYPE), "no plain file"),
        (member("pipe", tarfile.FIFOTYPE), "no plain file"),
        (member("saved_model.pb"), "twice"),
        (member("saved_model.pb/below"), "twice"),
    ],
    ids=lambda value: value.name if isinstance(value, tarfile.TarInfo) else "",
)
def test_hostile_members_are_refused(tmp_path: Path, info: tarfile.TarInfo, complaint: str) -> None:
    archive = tar_gz(tmp_path / "a.tgz", (member("saved_model.pb"), GRAPH), (info, b""))
    with pytest.raises(ArchiveError, match=complaint):
        unpack(archive, tmp_path / "out", MEGABYTE)
    assert everything_in(tmp_path) - {"out/saved_model.pb"} == {"a.tgz", "out"}


def test_bomb_by_size_stops_before_it_is_written(tmp_path: Path) -> None:
    archive = tar_gz(tmp_path / "a.tgz", (member("saved_model.pb"), bytes(5 * MEGABYTE)))
    assert archive.stat().st_size < MEGABYTE / 100
    with pytest.raises(ArchiveError, match=r"more than 1 MB.*hub\.max_megabytes"):
        unpack(archive, tmp_path / "out", MEGABYTE)
    assert everything_in(tmp_path / "out") == set()


@pytest.mark.medium
def test_bomb_of_many_members(tmp_path: Path) -> None:
    members = [(member("assets", tarfile.DIRTYPE), b"")] * 10_001
    with pytest.raises(ArchiveError, match="more than 10000 files"):
        unpack(tar_gz(tmp_path / "a.tgz", *members), tmp_path / "out", 100 * MEGABYTE)


def test_bomb_in_a_header(tmp_path: Path) -> None:
    info = member("saved_model.pb", pax_headers={"comment": "x" * 5 * MEGABYTE})
    with pytest.raises(ArchiveError, match="more than 1 MB"):
        unpack(tar_gz(tmp_path / "a.tgz", (info, GRAPH)), tmp_path / "out", MEGABYTE)


def test_sparse_file_cannot_claim_the_disk(tmp_path: Path) -> None:
    headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "saved_model.pb",
        "GNU.sparse.realsize": str(10**15),
    }
    sparse_map = b"1\n0\n1\n".ljust(512, b"\0") + b"x".ljust(512, b"\0")
    archive = tar_gz(tmp_path / "a.tgz", (member("sparse", pax_headers=headers), sparse_map))
    with pytest.raises(ArchiveError):
        unpack(archive, tmp_path / "out", MEGABYTE)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_cut_off_archive(tmp_path: Path, kept: float) -> None:
    whole = tar_gz(tmp_path / "a.tgz", (member("saved_model.pb"), bytes(range(256)) * 999))
    data = whole.read_bytes()
    whole.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(ArchiveError, match="damaged"):
        unpack(whole, tmp_path / "out", MEGABYTE)


def test_altered_checksum_behind_the_last_member(tmp_path: Path) -> None:
    archive = tar_gz(tmp_path / "a.tgz", (member("saved_model.pb"), GRAPH))
    data = bytearray(archive.read_bytes())
    data[-8] ^= 1
    archive.write_bytes(data)
    with pytest.raises(ArchiveError, match="damaged"):
        unpack(archive, tmp_path / "out", MEGABYTE)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"<!doctype html><title>Sign in</title>", "a web page"),
        (b"\0\1garbage", "begins with b'"),
        (gzip.compress(b"not a tar file" * 100), "damaged"),
    ],
    # Names of their own: gzip writes the time into its header, which no test's name may hold.
    ids=["page", "garbage", "gzip"],
)
def test_what_is_not_an_archive(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "a.tgz").write_bytes(content)
    with pytest.raises(ArchiveError, match=complaint):
        unpack(tmp_path / "a.tgz", tmp_path / "out", MEGABYTE)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"PK\x03\x04", "is packed as zip, which is not read: unpack it and set hub.handle to the"),
        (b"BZh91AY", "is packed as bzip2"),
        (b"\xfd7zXZ\0", "is packed as xz"),
        (b"saved_model.pb".ljust(257, b"\0") + b"ustar", "it is a .tar that was not compressed"),
        (b"", "it is empty"),
    ],
)
def test_another_kind_of_archive_is_named(tmp_path: Path, start: bytes, said: str) -> None:
    (tmp_path / "a").write_bytes(start)
    with pytest.raises(ArchiveError, match=said):
        unpack(tmp_path / "a", tmp_path / "out", MEGABYTE)


def test_single_top_folder_is_looked_into(tmp_path: Path) -> None:
    archive = tar_gz(tmp_path / "a.tgz", (member("encoder/saved_model.pb"), GRAPH))
    unpack(archive, tmp_path / "out", MEGABYTE)
    assert saved_model_folder(tmp_path / "out") == tmp_path / "out/encoder"


@pytest.mark.parametrize("names", [[], ["README.md"], ["a/saved_model.pb", "b/saved_model.pb"]])
def test_folder_without_a_saved_model(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(GRAPH)
    with pytest.raises(ArchiveError, match=r"holds no saved_model\.pb"):
        saved_model_folder(tmp_path)


path_like = st.lists(
    st.sampled_from(["..", ".", "", "/", "a", "saved_model.pb", "\0", "~", "\\", "é"])
    | st.text(max_size=5),
    max_size=6,
).map("/".join)


@settings(deadline=None)
@given(names=st.lists(path_like, max_size=4))
@example(names=["a/../../outside"])
@example(names=["/outside"])
def test_no_name_lands_outside_the_target(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    box = tmp_path_factory.mktemp("box")
    members = [(member(name.encode("utf-8", "replace").decode()), GRAPH) for name in names]
    archive = tar_gz(box / "a.tgz", *members)
    with suppress(ArchiveError):
        unpack(archive, box / "out", MEGABYTE)
    assert {path.name for path in box.iterdir()} == {"a.tgz", "out"}
    for path in (box / "out").rglob("*"):
        assert path.resolve().is_relative_to(box / "out")
        assert not path.is_symlink()


def checksummed(tar: bytearray, block: int) -> None:
    header = tar[block : block + 512]
    tar[block + 148 : block + 156] = b"%06o\0 " % (256 + sum(header[:148]) + sum(header[156:]))


@settings(deadline=None)
@given(
    headers=st.sampled_from(
        [{"comment": "x"}, {"size": "5"}, {"GNU.sparse.map": "0,5"}, {"hdrcharset": "BINARY"}]
    ),
    edits=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 511), st.binary(min_size=1))),
)
@example(headers={"GNU.sparse.map": "0,x"}, edits=[])
@example(headers={"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}, edits=[])
def test_damaged_headers_end_in_an_archive_error(
    tmp_path_factory: pytest.TempPathFactory,
    headers: dict[str, str],
    edits: list[tuple[int, int, bytes]],
) -> None:
    box = tmp_path_factory.mktemp("box")
    info = member("saved_model.pb", pax_headers=headers)
    tar = bytearray(gzip.decompress(tar_gz(box / "a.tgz", (info, GRAPH)).read_bytes()))
    for block, offset, data in edits:
        tar[block * 512 + offset : block * 512 + offset + len(data)] = data
    for block in range(4):
        checksummed(tar, block * 512)
    (box / "a.tgz").write_bytes(gzip.compress(bytes(tar)))
    with suppress(ArchiveError):
        unpack(box / "a.tgz", box / "out", MEGABYTE)
    assert {path.name for path in box.iterdir()} == {"a.tgz", "out"}
