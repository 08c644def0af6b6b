"""What files are that no format reads, by how they begin, and what makes a table of them. Pure."""

from __future__ import annotations

import re
import zlib

_DOCS = "docs/other_files.md"
_BY_CODE = "have a function of yours yield its rows (data.format: code, see docs/your_model.md)"
_ARRAYS = f"; {_DOCS} has the lines that make image files, or a table, of it"
BINARY = f"is no text; if it holds a table, save it as CSV, else {_BY_CODE}"
"""What is said of a file of bytes that nobody here knows."""

_ZIPPED = "is a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV"

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
        f"is a spreadsheet; save the sheet as CSV ({_DOCS} has commands for it)",
    ),
    (rb"PK\x03\x04", _ZIPPED),
    (rb"\xd0\xcf\x11\xe0", "is an old spreadsheet; save the sheet as CSV"),
    (rb"PAR1", "is a Parquet file; call it .parquet"),
    (
        rb"ARROW1|FEA1",
        'is a Feather file; make it Parquet with: python -c "import pandas;'
        " pandas.read_feather('FILE').to_parquet('NEW.parquet')\"",
    ),
    (rb"ORC.{0,999}\0", "is an ORC file; save it as Parquet"),
    (rb"Obj\x01", "is an Avro file; save it as Parquet or as JSON Lines"),
    (
        rb"SQLite format 3\0",
        'is a database; make a table of it CSV with: python -c "import pandas, sqlite3;'
        " pandas.read_sql('select * from TABLE', sqlite3.connect('FILE')).to_csv('NEW.csv',"
        ' index=False)"',
    ),
    (rb"\x93NUMPY", f"is a NumPy array{_ARRAYS}"),
    (rb"\x89HDF\r\n\x1a\n", f"is an HDF5 file{_ARRAYS}"),
    (rb"MATLAB 5\.0 MAT-file", f"is a MATLAB file{_ARRAYS}"),
    (
        rb"[\0-\x33]\0{3}.{4}.{4}[\0\1]\0{3}[\x02-\x40]\0{3}[a-z]\w{0,62}\0",
        f"is an old MATLAB file{_ARRAYS}",
    ),
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
    (
        rb"version https://git-lfs\.github\.com/spec/",
        "is a pointer to a file of Git LFS; have the file itself with: git lfs pull",
    ),
    (rb"\s*<\?xml", "is an XML document; write its records as CSV or as JSON Lines"),
    (
        rb"\s*(%[^\n]*\n\s*)*@relation\s",
        f"is an ARFF file; {_DOCS} has the lines that make a table of it",
    ),
    (
        rb"(#[^\n]*\n)*[+-]?\d[\d.,e+-]*([ \t]+qid:\d+)?([ \t]+\d+:[-+.\de]+){3,}[ \t]*"
        rb"(#[^\n]*)?\r?\n",
        'is a LIBSVM file; make it CSV with: python -c "import pandas; from sklearn import'
        " datasets; x, y = datasets.load_svmlight_file('FILE');"
        " pandas.DataFrame(x.toarray()).add_prefix('x').assign(label=y).to_csv('NEW.csv',"
        ' index=False)"',
    ),
)
"""Patterns, in any case, and the ends of sentences."""
_KNOWN = tuple(
    (re.compile(beginning, re.DOTALL | re.IGNORECASE), told) for beginning, told in _BEGINNINGS
)
_GZIP, _TAR = b"\x1f\x8b", slice(257, 262)
_NAME = 30
"""Where that of the first file stands in a ZIP archive."""
_UNPACKED = re.compile(
    rb".*(\.(png|jpe?g|bmp|gif|tiff?|webp|csv|tsv|txt|jsonl?|xml|parquet)|/)",
    re.DOTALL | re.IGNORECASE,
)
"""What lies in archives of data, and folders; spreadsheets are known before."""


def foreign(head: bytes) -> str | None:
    """What a file is that begins with `head`, and how a table is made of it, as the end of a
    sentence; None where it may be one."""
    if head.startswith(_GZIP) and _inflated(head)[_TAR] == b"ustar":
        return "is an archive; unpack it with: tar xf FILE"
    told = next((told for beginning, told in _KNOWN if beginning.match(head)), None)
    name = head[_NAME : _NAME + int.from_bytes(head[26:28], "little")]
    if told == _ZIPPED and _UNPACKED.fullmatch(name):
        return "is an archive; unpack it with: unzip FILE"
    return told


def _inflated(head: bytes) -> bytes:
    """How what is compressed begins; nothing where it is damaged."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _TAR.stop)
    except zlib.error:
        return b""
