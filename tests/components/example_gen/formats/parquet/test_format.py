import datetime

import pyarrow as pa
import pytest
from pyarrow import parquet

from components.example_gen.formats.format import FormatError


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_rows_keep_their_types(tmp_path, read, size):
    day = datetime.datetime(2026, 11, 25)
    columns = {"n": [1, None, 3], "x": [0.5, 1.5, None], "day": [day] * 3, "t": ["ü", "", None]}
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({**columns, "other": [0, 0, 0]}), path, row_group_size=2)
    rows, places, bad = read("parquet", [tmp_path], "n", "x", "day", "t", size=size)
    assert rows == [*zip(*columns.values(), strict=True)]
    assert places == [(str(path), 1), (str(path), 2), (str(path), 3)]
    assert not bad


def test_files_that_are_none(tmp_path, read):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 but no more")
    with pytest.raises(FormatError, match=r"t\.parquet is no sound Parquet file"):
        read("parquet", [path], "a")
    parquet.write_table(pa.table({"tip": [1]}), path)
    with pytest.raises(FormatError, match="no column 'tips'; if it is 'tip' now"):
        read("parquet", [path], "tips")


def test_damage_inside_is_told(tmp_path, read):
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"a": ["x" * 100] * 1000}), path, compression="gzip")
    content = bytearray(path.read_bytes())
    content[30:90] = bytes(60)
    path.write_bytes(content)
    with pytest.raises(FormatError, match="is no sound Parquet file"):
        read("parquet", [path], "a")


def test_structures_are_columns_of_their_own(tmp_path, read):
    path = tmp_path / "t.parquet"
    place = [{"lat": 1.5, "in": {"city": "Ulm"}}, None]
    parquet.write_table(pa.table({"a": [1, 2], "place": place}), path)
    found, _, _ = read("parquet", [path], "place.in.city", "a", "place.lat")
    assert found == [("Ulm", 1, 1.5), (None, 2, None)]
    with pytest.raises(FormatError, match=r"no column .place\.lon"):
        read("parquet", [path], "place.lon")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty; take it away"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "is a pointer to a file of Git LFS"),
        (b"\x1f\x8b\x08" + bytes(99), "is compressed; unpack it with: gunzip FILE"),
        (b"PAR1" + bytes(99), "is no sound Parquet file"),
        (b"a,b\n1,2\n", "is no sound Parquet file"),
    ],
)
def test_what_is_no_parquet_file_is_told_by_what_it_is(tmp_path, read, content, told):
    path = tmp_path / "t.parquet"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=told):
        read("parquet", [path], "a")
