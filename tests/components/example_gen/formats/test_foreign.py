"""Files that people have their data in, and no format reads."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
import zipfile

import numpy as np
import pyarrow as pa
import pytest
import scipy.io
from pyarrow import feather, orc

from components.example_gen.formats.foreign import foreign


def _of_numpy() -> bytes:
    file = io.BytesIO()
    np.savez(file, x_train=np.zeros((2, 4, 4), np.uint8))
    return file.getvalue()


def _zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "<x/>")
    return file.getvalue()


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    return file.getvalue()


def _matlab() -> bytes:
    file = io.BytesIO()
    scipy.io.savemat(file, {"X": np.zeros((5, 5))}, format="4")
    return file.getvalue()


def _arrow(kind: str) -> bytes:
    table, sink = pa.table({"a": [1, 2]}), pa.BufferOutputStream()
    if kind == "orc":
        orc.write_table(table, sink)
    else:
        feather.write_feather(table, sink)
    return sink.getvalue().to_pybytes()


def _record() -> bytes:
    example = b"\x0a\x05hello"
    return struct.pack("<QI", len(example), 7) + example


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (_of_numpy(), "is an archive of NumPy arrays; docs/other_files.md has"),
        (_zipped("xl/workbook.xml"), "is a spreadsheet; save the sheet as CSV (docs/other_files"),
        (_zipped("train.csv"), "is an archive; unpack it with: unzip FILE"),
        (_zipped("pets/cat/1.JPG"), "is an archive; unpack it with: unzip FILE"),
        (_zipped("Index"), "is a ZIP archive or a spreadsheet; unpack it"),
        (gzip.compress(_tar()), "is an archive; unpack it with: tar xf FILE"),
        (gzip.compress(b"a,b\n1,2\n"), "is compressed; unpack it with: gunzip FILE"),
        (b"\x1f\x8b" + bytes(500), "is compressed"),
        (_tar(), "is an archive; unpack it with: tar xf FILE"),
        (_arrow("feather"), "is a Feather file; make it Parquet with: python -c"),
        (_arrow("orc"), "is an ORC file; save it as Parquet"),
        (b"Obj\x01\x04\x14", "is an Avro file"),
        (b"SQLite format 3\0", "is a database; make a table of it CSV with: python -c"),
        (b"\x89HDF\r\n\x1a\n\0", "is an HDF5 file; docs/other_files.md has"),
        (pickle.dumps({"data": [1]}), "is a pickle of Python"),
        (_record(), "is a TFRecord file"),
        (b"\x89PNG\r\n\x1a\n", "is an image; name its folder with --images"),
        (b"\n<!doctype HTML>\n<html>", "is an HTML page"),
        (b'<?xml version="1.0"?>', "is an XML document"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "is a pointer to a file of Git"),
        (_matlab(), "is an old MATLAB file"),
        (b"+1 3:1 11:1 14:0.5 \n-1 2:7\n", "is a LIBSVM file; make it CSV with: python -c"),
        (b"2 qid:1 1:3 2:-0.5 3:1e-3 # doc 7\r\n", "is a LIBSVM file"),
        (b"% iris\n%\n@RELATION iris\n@data\n", "is an ARFF file"),
    ],
)
def test_each_is_called_by_its_name_with_what_makes_a_table_of_it(content: bytes, told: str):
    assert (foreign(content[:4096]) or "").startswith(told)


@pytest.mark.parametrize(
    "content",
    [
        *(b"1,12:30,13:45,14:00,15:15\n", b"a 1:2 2:3 3:4\n"),
        *(b"a,b\n1,2\n", b"", b"<5,x\n", b"ORCHID,b\n1,2\n", b"@relations,b\n", b"PAR,b\n"),
        *("a,b\n1,ü\n".encode(of) for of in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")),
        *(b"\x80,b\n1,2\n", b"a,b\n\0,x\n\0,y\n", b'{"a": 1}\n', b"%,b\n1,2\n"),
    ],
)
def test_a_table_is_none_of_them(content: bytes):
    assert foreign(content) is None
