"""What files are that no format reads, by how they begin, and what makes a table of them. Pure."""

from __future__ import annotations

import re

_BY_CODE = "have a function of yours yield its rows (data.format: code, see docs/your_model.md)"
_ARRAYS = f"; save images as PNG files in a folder for each class, or {_BY_CODE}"
BINARY = f"is no text; if it holds a table, save it as CSV, else {_BY_CODE}"
"""What is said of a file of bytes that nobody here knows."""

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (rb"\x1f\x8b", "is compressed; unpack it with: gunzip FILE"),
    (rb"\xfd7zXZ\0", "is compressed; unpack it with: unxz FILE"),
    (rb"BZh91AY&SY", "is compressed; unpack it with: bunzip2 FILE"),
    (rb"\x28\xb5\x2f\xfd", "is compressed; unpack it with: unzstd FILE"),
    (rb"7z\xbc\xaf\x27\x1c", "is an archive; unpack it with: 7z x FILE"),
    (rb"Rar!\x1a\x07", "is an archive; unpack it with: unrar x FILE"),
    (rb".{257}ustar", "is an archive; unpack it with: tar xf FILE"),
    (rb"PK\x03\x04.{26}[^\0]{1,99}?\.npy", f"is an archive of NumPy arrays{_ARRAYS}"),
    (
        rb"PK\x03\x04.{26}(\[Content_Types\]|xl/|_rels/|docProps/|mimetypeapplication/vnd\.oasis)",
        "is a spreadsheet; save the sheet as CSV",
    ),
    (rb"PK\x03\x04", "is a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV"),
    (rb"\xd0\xcf\x11\xe0", "is an old spreadsheet; save the sheet as CSV"),
    (rb"PAR1", "is a Parquet file; call it .parquet"),
    (
        rb"ARROW1|FEA1",
        'is a Feather file; make it Parquet with: python -c "import pandas;'
        " pandas.read_feather('FILE').to_parquet('NEW.parquet')\"",
    ),
    (rb"ORC.{0,999}\0", "is an ORC file; save it as Parquet"),
    (rb"Obj\x01", "is an Avro file; save it as Parquet or as JSON Lines"),
    (rb"SQLite format 3\0", "is a database; export the table as CSV"),
    (rb"\x93NUMPY", f"is a NumPy array{_ARRAYS}"),
    (rb"\x89HDF\r\n\x1a\n", f"is an HDF5 file{_ARRAYS}"),
    (rb"MATLAB 5\.0 MAT-file", f"is a MATLAB file{_ARRAYS}"),
    (rb"\x80[\x02-\x05]", f"is a pickle of Python{_ARRAYS}"),
    (
        rb".{4}\0{4}.{4}\x0a",
        "is a TFRecord file, which says nothing of its columns: write settings with data.format:"
        " tfrecord (docs/data.md)",
    ),
    (
        rb"<stata_dta>|[\x69-\x73][\x01\x02]\x01\0",
        'is a Stata file; make it CSV with: python -c "import pandas;'
        " pandas.read_stata('FILE').to_csv('NEW.csv', index=False)\"",
    ),
    (rb"\$FL[23]@", "is an SPSS file; save it as CSV"),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a", "is an image; name its folder with --images"),
    (rb"%PDF-", "is a PDF document; export the table as CSV"),
    (
        rb"\s*<(!doctype\s+html|html)",
        "is an HTML page, such as one that asks for a login; download the file itself",
    ),
    (rb"\s*<\?xml", "is an XML document; write its records as CSV or as JSON Lines"),
    (
        rb"\s*(%[^\n]*\n\s*)*@relation\s",
        "is an ARFF file; write the names behind @attribute as its first line, with commas between,"
        " and take away every line that begins with @ or %",
    ),
)
"""Patterns, in any case, and the ends of sentences."""
_KNOWN = tuple(
    (re.compile(beginning, re.DOTALL | re.IGNORECASE), told) for beginning, told in _BEGINNINGS
)


def foreign(head: bytes) -> str | None:
    """What a file is that begins with `head`, and how a table is made of it, as the end of a
    sentence; None where it may be one."""
    return next((told for beginning, told in _KNOWN if beginning.match(head)), None)
