import gzip

import pytest
import tensorflow as tf

from components.example_gen import protobuf
from components.example_gen.formats.format import FormatError


def write(path, *records):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
    return path


def example(**features):
    return protobuf.example(protobuf.entry(name, *features[name]) for name in sorted(features))


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_features_are_cells(tmp_path, read, size):
    path = write(
        tmp_path / "t.tfrecord",
        example(n=("FLOAT", 1.5), label=("INT", 3)),
        example(label=("BYTES", [b"p", b"q"])),
        b"\xff",
        example(n=("BYTES", [])),
    )
    rows, places, bad = read("tfrecord", [path], "n", "label", size=size)
    assert rows == [(1.5, 3), (None, [b"p", b"q"]), (None, None)]
    assert [line for _, line in places] == [1, 2, 4]
    assert bad == {("t.tfrecord", 3): "is no tf.Example"}


@pytest.mark.parametrize("place", [3, 14, -2])
def test_damage_is_told(tmp_path, read, place):
    path = write(tmp_path / "t.tfrecord", example(n=("FLOAT", 1.5)))
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"t\.tfrecord is (no sound TFRecord file|damaged)"):
        read("tfrecord", [path], "n")


def test_a_file_that_was_cut_off(tmp_path, read):
    path = write(tmp_path / "t.tfrecord", *[example(n=("FLOAT", 1.5))] * 3)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(FormatError, match="is damaged or cut off at byte"):
        read("tfrecord", [path], "n")


def test_a_compressed_file_is_read_as_tfx_writes_it(tmp_path, read):
    path = tmp_path / "data_tfrecord-00000-of-00001.gz"
    with tf.io.TFRecordWriter(str(path), options="GZIP") as writer:
        for number in range(3_000):
            writer.write(b"\xff" if number == 1 else example(n=("INT", number)))
    rows, places, bad = read("tfrecord", [path], "n", size=1)
    assert rows == [(number,) for number in range(3_000) if number != 1]
    assert [line for _, line in places] == [number + 1 for number in range(3_000) if number != 1]
    assert bad == {(path.name, 2): "is no tf.Example"}
    whole = path.read_bytes()
    half = len(whole) // 2
    for damaged in (whole[:-9], whole[:half], whole[:half] + b"\0" * 99 + whole[half + 99 :]):
        path.write_bytes(damaged)
        with pytest.raises(FormatError, match=r"00001\.gz is damaged or cut off|is no sound TFR"):
            read("tfrecord", [path], "n")
    path.write_bytes(gzip.compress(b"no records"))
    with pytest.raises(FormatError, match=r"is no sound TFRecord file \(byte 0\)"):
        read("tfrecord", [path], "n")
