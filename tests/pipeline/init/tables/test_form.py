"""How files of tables are written, and what is said of files that are none."""

from __future__ import annotations

import gzip
import json
import lzma
import re
import subprocess
from pathlib import Path

import pytest

from models.features.number.kind import Number
from pipeline.init.command import main
from pipeline.preflight.preflight import check_data, gather_data
from pipeline.settings import load_settings

pytestmark = pytest.mark.usefixtures("in_a_folder")


@pytest.mark.medium
@pytest.mark.parametrize(
    ("content", "label", "why"),
    [
        ("a,b\n1,2\n3,4\n", "c", "t.csv has no column 'c'; it has a, b"),
        ("a,b\n1,2\n3,2\n", "b", "Label b has fewer than two values"),
        ("a,b\n", "b", "t.csv holds no rows"),
        ("", "b", "t.csv is empty"),
        ("a,b,a\n1,2,3\n", "b", "t.csv has the column 'a' twice (columns 1 and 3)"),
        ("a,b\n" + "".join(f"1,w{n}\n" for n in range(200)), "b", "Label b is neither a number"),
        (
            "a,b\n" + "".join(f"1,€{n}.5{'MK'[n % 2]}\n" for n in range(200)),
            "b",
            "choose another column, or mend it: numbers, some in thousands or millions: write all",
        ),
        (
            "a,b\n" + "".join(f"1,{n}\n" for n in [*range(200), *"stuvwxyza"]),
            "b",
            "that comes again and again (8 of 209 cells are no numbers, such as 's'); choose",
        ),
        (
            "a,b\n" + "".join(f"{n},{n % 24}:{n % 60:02d}\n" for n in range(300)),
            "b",
            "; it holds times: write them as numbers, such as minutes of the day.",
        ),
        (
            "a,b\n" + "".join(f"{n},20{10 + n % 70}-01-{n % 28 + 1:02d}\n" for n in range(300)),
            "b",
            "; it holds dates, of which label.formula makes a number, such as due - start.",
        ),
        (
            "a,b\n" + "".join(f"{n},{n + 0.5}{'k' * (n % 2)}\n" for n in range(100)),
            "b",
            "Label b holds numbers, some in k and some not, such as '0.5': write all alike.",
        ),
        (
            '"a" "b"\n"1" 2 3\n',
            "b",
            "the names of its columns: its cells seem to be told apart by bl",
        ),
        ("a,B\n1,2\n3,4\n", "b", "t.csv has no column 'b'; if it is 'B' now, rename it"),
        ("b\nyes\nno\n", "b", "has no column with a name but the label b"),
        (
            "a,b\n“1, 2”,x\n“3, 4”,y\n",
            "b",
            "t.csv holds no rows (2 cannot be read, such as line 2: has 3 cells instead of 2).",
        ),
        (
            "a,b\n1,x\n2,y,z\n",
            "b",
            "nothing to tell apart (1 cannot be read, such as line 3: has 3 cells instead of 2).",
        ),
    ],
)
def test_tables_that_make_no_settings(
    capsys: pytest.CaptureFixture[str], content: str, label: str, why: str
):
    Path("t.csv").write_text(content)
    assert main(["--table", "t.csv", "--label", label]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1
    assert not Path("t").exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(b"a,b\n1,x\n2,y\n"), "t.csv is compressed; unpack it"),
        (lzma.compress(b"a,b\n1,x\n2,y\n"), "t.csv is compressed; unpack it"),
        (b"PK\3\4" + bytes(100), "t.csv is a ZIP archive or a spreadsheet; unpack it, or save"),
        (b"PAR1" + bytes(100), "t.csv is a Parquet file; call it .parquet"),
        (b"a,b\n\0,x\n\0,y\n", "t.csv holds no rows (2 cannot be read, such as line 2: holds"),
    ],
    ids=["gzip", "xz", "zip", "parquet", "zero bytes"],
)
def test_files_that_are_no_text(
    capsys: pytest.CaptureFixture[str], content: bytes, why: str
) -> None:
    Path("t.csv").write_bytes(content)
    assert main(["--table", "t.csv", "--label", "b"]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("1::31::4::97830\n2::3::5::97831\n", "told apart by '::', of more than one sign"),
        ("1::A|B::4\n2::3|C::5\n", "sed 's/::/\\t/g' < FILE > NEW.tsv"),
        ("  0.5  7.25   24.0\n  0.1  6.5   21.6\n", "told apart by blanks; put commas there"),
        ('18.0  8  307.  ?  12.0\t"ford"\n15.0  8  350.  165.  11.5\t"vw"\n', "by blanks"),
        (
            "39, State-gov, 77516\n40, Private, 1\n",
            "names of the columns above it, or behind --columns",
        ),
        ("ham\tOk lar\nspam\tFree\n", "it has ham, Ok lar; mend --label, or name all columns with"),
        ("a,B\n1,2\n", "if it is 'B' now, rename it there or in --label"),
    ],
)
def test_what_is_wrong_with_a_header_is_told_without_settings_that_are_not_there(
    capsys: pytest.CaptureFixture[str], content: str, why: str
) -> None:
    Path("t.csv").write_text(content)
    assert main(["--table", "t.csv", "--label", "b"]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert "settings" not in said
    assert "data.csv" not in said


def test_keys_that_come_late_are_columns_and_seldom_ones_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows: list[dict[str, object]] = [{"a": row % 9, "b": "xy"[row % 2]} for row in range(3_000)]
    for row in range(500, 900):
        rows[row]["c"] = f"c{row % 3}"
    rows[700]["once"] = 1
    Path("t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["--table", "t.jsonl", "--label", "b"]) == 0
    assert "seldom         once: in hardly a row, so left out" in capsys.readouterr().out
    settings = load_settings(Path("t/settings.yaml"))
    kinds = {name: feature.kind for name, feature in settings.features.items()}
    assert kinds == {"a": "number", "c": "category"}
    check_data(settings, gather_data(settings))


def test_a_table_as_excel_exports_it(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(
        f"{n % 9 + 1}.234,5{n % 7} €;{n % 50},5 %;{('ja', 'nein')[n % 2]};;\r\n" for n in range(99)
    )
    text = f"sep=;\r\n;;;;\r\nUmsatz (netto);Rabatt in %;Gekauft?;;\r\n{rows};;;;\r\n"
    Path("t.csv").write_bytes(text.encode("cp1252"))
    assert main(["--table", "t.csv", "--label", "Gekauft?"]) == 0
    said = capsys.readouterr().out
    assert "rows           99, of 3 columns" in said
    assert "unreadable" not in said
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.data.csv.model_dump(exclude_defaults=True) == {
        "delimiter": ";",
        "encoding": "cp1252",
    }
    revenue = settings.features["Umsatz (netto)"]
    assert isinstance(revenue, Number)
    assert revenue.settings == {
        "decimal": ",",
        "thousands": ".",
        "unit": "€",
    }
    check_data(settings, gather_data(settings))


def test_a_backslash_before_a_quote_is_told_with_what_takes_it_away(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = ['O\\"Neil', '\\"\\"', "Ann"]
    rows = [f'"{row}","{names[row % 3]}, {row % 7}","{row % 2}"' for row in range(60)]
    Path("t.csv").write_text("\n".join(['"n","name","y"', *rows]) + "\n")
    assert main(["--table", "t.csv", "--label", "y"]) == 0
    said = capsys.readouterr().out
    assert "unreadable     40 rows, such as line 2: has a backslash before a quote; write" in said
    command = re.search("sed 's.*' < ", said)
    assert command
    done = subprocess.run(f"{command[0]} t.csv > u.csv", shell=True, check=True, timeout=60)
    assert done.returncode == 0
    assert main(["--table", "u.csv", "--label", "y"]) == 0
    said = capsys.readouterr().out
    assert "rows           60, of 3 columns" in said
    assert "unreadable" not in said


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_names_of_rows_without_one_for_their_column_as_r_writes_them(
    sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [sign.join((f'"{row + 1}"', f"{row % 9}.5", f'"{"ab"[row % 2]}"')) for row in range(60)]
    Path("t.csv").write_text("\n".join([sign.join(('"x"', '"y"')), *rows]) + "\n")
    assert main(["--table", "t.csv", "--label", "y"]) == 2
    command = re.search("sed '.*' < ", capsys.readouterr().err)
    assert command
    subprocess.run(f"{command[0]} t.csv > u.csv", shell=True, check=True, timeout=60)
    assert main(["--table", "u.csv", "--label", "y"]) == 0
    features = load_settings(Path("u/settings.yaml")).features
    assert {name: of.kind for name, of in features.items()} == {"row": "ignore", "x": "number"}


@pytest.mark.parametrize("sign", [" ", "\t"])
def test_rows_that_blanks_tell_apart_are_no_rows_with_too_few_cells(
    sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f'  {row}.5   8  30{row}.{sign}"ford pinto {row}"' for row in range(40)]
    Path("t.data").write_text("\n".join(rows))
    names = ["--columns", "mpg,cylinders,weight,name"]
    assert main(["--table", "t.data", *names, "--label", "mpg"]) == 2
    said = capsys.readouterr().err
    assert "t.data holds no rows of 4 cells: its cells seem to be told apart by blanks; put" in said
    assert said.endswith("tr -s ' \\t' , < FILE > NEW.csv.\n")
