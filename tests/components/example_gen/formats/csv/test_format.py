import codecs
import csv as stdlib_csv
import io
import re
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.example_gen.formats.csv.format import Csv
from components.example_gen.formats.csv.records import LONGEST
from components.example_gen.formats.format import Columns, FormatError
from components.example_gen.formats.options import FormatOptions


def reader(*needed, **options):
    return Csv(
        FormatOptions.model_validate({"csv": options}),
        Columns(needed, label=needed[-1], known=frozenset(needed)),
    )


def read(path, *needed, size=1 << 20, **options):
    """Rows as tuples, their lines, and what is bad."""
    format_ = reader(*needed, **options)
    rows: list[tuple[Any, ...]] = []
    lines, bad = [], []
    for part in format_.ranges(str(path), size):
        for batch in format_.batches(part):
            rows += zip(*(batch.cells[name] for name in needed), strict=True)
            lines += batch.lines
            bad += [(row.line, row.reason) for row in batch.bad]
    return rows, lines, bad


@pytest.fixture
def table(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "trips [1].csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_have_their_lines(table, end):
    path = table(end.join(["fare,tip", "1,a", '2,"b', 'b"', "", "3,c"]))
    rows, lines, bad = read(path, "fare", "tip")
    assert rows == [("1", "a"), ("2", f"b{end}b"), ("3", "c")]
    assert lines == [2, 3, 6]
    assert not bad


def test_columns_are_found_by_name(table):
    path = table(" tip ,other,fare\na,x,1\n")
    assert read(path, "fare", "tip")[0] == [("1", "a")]


@pytest.mark.parametrize("size", [1, 40, 1 << 20])
def test_bad_rows_cost_nothing_but_themselves(table, size):
    path = table(
        "size,tip\n"
        '5" disk,a\n'  # text
        '"5" disk",b\n'
        "short\n"
        "1,2,3\n"
        'good,"c"\n'
        '"never closed,d\n'
        "good,e\n"
    )
    rows, lines, bad = read(path, "size", "tip", size=size)
    assert rows == [('5" disk', "a"), ("good", "c"), ("good", "e")]
    assert lines == [2, 6, 8]
    assert sorted(bad) == [
        (3, 'has text behind a closing quote; write a quote inside quotes twice: ""'),
        (4, "has 1 cell instead of 2"),
        (5, "has 3 cells instead of 2"),
        (7, 'has a quote " that is never closed'),
    ]


def test_a_quote_of_its_own_is_the_one_to_write_twice(table):
    path = table("size,tip\n'5' disk',b\n")
    assert read(path, "size", "tip", quote="'")[2] == [
        (2, "has text behind a closing quote; write a quote inside quotes twice: ''")
    ]


def test_a_quote_that_is_never_closed_takes_its_line_only(table):
    # More than may be read in search of the other quote.
    count = LONGEST // 100
    path = table('a,b\n"x,1\n' + f"{'y' * 200},2\n" * count)
    rows, _, bad = read(path, "a", "b")
    assert len(rows) == count
    assert bad == [(2, 'has a quote " that is never closed')]


_cells = st.text(st.sampled_from('ab",;\n é"'), max_size=6)


@pytest.mark.medium
@settings(max_examples=40)
@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=12), st.integers(1, 60))
def test_what_was_written_is_read_whatever_the_ranges(tmp_path_factory, rows, size):
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1"):
        path = tmp_path_factory.mktemp("table") / "t.csv"
        text = io.StringIO()
        writer = stdlib_csv.writer(text, quoting=stdlib_csv.QUOTE_ALL)
        writer.writerows([("a", "b"), *rows])
        path.write_bytes(text.getvalue().encode(encoding))
        found, _, bad = read(path, "a", "b", size=size, encoding=encoding)
        assert (found, bad) == ([row for row in rows if any(row)], [])


def test_a_byte_order_mark_joins_no_name(table):
    assert read(table(codecs.BOM_UTF8 + b"fare,tip\n1,a\n"), "fare", "tip")[0] == [("1", "a")]


def test_latin_1_is_told_by_its_rows(table):
    path = table("name,tip\nCaf\xe9,1\nBar,0\n", "latin-1")
    rows, _, [(line, reason)] = read(path, "name", "tip")
    assert rows == [("Bar", "0")]
    assert line == 2
    assert "not utf-8 text (byte 0xe9)" in reason
    assert "data.csv.encoding" in reason
    assert read(path, "name", "tip", encoding="latin-1")[0][0] == ("Café", "1")


def test_a_zero_byte_is_a_bad_row(table):
    _, _, [(line, reason)] = read(table("a,b\n1,\0\n"), "a", "b")
    assert line == 2
    assert "control character" in reason


def test_without_quoting_every_quote_is_text(table):
    path = table('a\tb\n"x\t1\n')
    assert read(path, "a", "b", delimiter="\t", quote=None)[0] == [('"x', "1")]


@pytest.mark.medium
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "", ";;"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_add_is_no_row(table, first, end, encoding):
    """A line for Excel, empty lines with and without delimiters, cells without a column."""
    lines = [first, "fare;tip", "1;a", ";", "", "2;b;;", ";c", "3;d;e"]
    path = table(end.join(lines), encoding)
    rows, places, bad = read(path, "fare", "tip", delimiter=";", encoding=encoding)
    assert rows == [("1", "a"), ("2", "b"), ("", "c")]
    assert places == [3, 6, 7]
    assert bad == [(8, "has 3 cells instead of 2")]


def test_a_quote_behind_a_blank_is_told(table):
    path = table('fare,tip\n1, "a, b"\n2,"c, d"\n3,4,5\n')
    rows, _, bad = read(path, "fare", "tip")
    assert rows == [("2", "c, d")]
    why = "; take away the blanks between ',' and \", behind which no quote opens"
    assert bad == [(2, f"has 3 cells instead of 2{why}"), (4, "has 3 cells instead of 2")]


def test_names_of_files_without_a_header(table):
    path = table("1_1\t0.5\tgood, and cheap\r\n")
    found = read(path, "text", "rating", delimiter="\t", columns=["id", "rating", "text"])
    assert found == ([("good, and cheap", "0.5")], [1], [])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\n,\n\n", "does not begin with the names of its columns"),
        (b'"fare,tip\n1,2\n', "does not begin with the names of its columns"),
        (
            b"5,1.25\n1,2\n",
            "has no column 'fare'; its first line seems to be a row: write the names",
        ),
        (b"2019,2020\n1,2\n", "has no column 'fare'; it has 2019, 2020"),
        (b"fare  tip\n1  2\n", "told apart by blanks; put commas there: tr -s"),
        (b"'fare','tip'\n'1','2'\n", "its names stand between signs '; set data.csv.quote"),
        (b"fare,tip,fare\n1,2,3\n", r"has the column 'fare' twice \(columns 1 and 3\)"),
        (b"fare;tip\n1;2\n", "told apart by ';'; set data.csv.delimiter"),
        (b"fare\ttip\n1\t2\n", r"told apart by \"\\t\"; set data.csv.delimiter"),
        (b"fare,tipp\n1,2\n", "has no column 'tip'; if it is 'tipp' now, rename it"),
        (b"fare,x\n1,2\n", "has no column 'tip'; it has fare, x"),
        ("fare,tip\n1,2\n".encode("utf-16"), "begins as utf-16 does; set data.csv.encoding"),
        ("fare,tip\n1,2\n".encode("utf-16-le"), "looks like utf-16"),
        (b"fare,tip\r1,2\r", "as old Macs did"),
        (b"\x1f\x8b\x08\x00", "is compressed"),
    ],
)
def test_files_that_are_no_such_table(table, content, why):
    with pytest.raises(FormatError, match=why) as refused:
        read(table(content), "fare", "tip")
    assert "trips [1].csv" in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_line_without_end_is_refused(table):
    with pytest.raises(FormatError, match="a line of more than 16 MiB"):
        read(table(b"a,b\n" + b"x" * (17 << 20)), "a", "b")


def test_folders_are_searched_and_litter_is_not(tmp_path):
    for name in ("b.csv", "sub/a.CSV", ".hidden.csv", "__MACOSX/c.csv", "notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a,b\n")
    found = reader("a", "b").sources([str(tmp_path)])
    assert found == [str(tmp_path / "b.csv"), str(tmp_path / "sub/a.CSV")]
    (tmp_path / "out.csv").symlink_to("/etc/passwd")
    with pytest.raises(FormatError, match="is a link that leaves the folder"):
        reader("a", "b").sources([str(tmp_path)])
    with pytest.raises(FormatError, match="no file of format csv"):
        reader("a", "b").sources([])


@pytest.mark.parametrize("size", [1, 30, 1 << 20])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_above_the_header_are_passed_over(table, size, encoding):
    path = table('A "report\n\nb,a\n1,x\n"2\n2",y\n3,z\n', encoding)
    rows, lines, bad = read(path, "a", "b", size=size, skip=1, encoding=encoding)
    assert rows == [("x", "1"), ("y", "2\n2"), ("z", "3")]
    assert lines == [4, 5, 7]
    assert not bad
    assert read(path, "a", "b", skip=3, columns=["b", "a"], encoding=encoding)[0] == rows
    with pytest.raises(FormatError, match=r"no column 'a' in line 5, below those that data"):
        read(table("x\ny\n,\n,\nu,v\nw,a\n"), "a", skip=4)


@pytest.mark.parametrize("skip", [1, 2, 3, 9])
def test_a_header_among_the_lines_that_are_passed_over_is_told(table, skip):
    first = f"line {skip + 1}, the first that data.csv.skip does not pass over, but in line 1; set"
    with pytest.raises(FormatError, match=f"no column 'a' in {first} data.csv.skip to 0, or write"):
        read(table("a,b\n1,x\n2,y\n"), "a", "b", skip=skip)
    with pytest.raises(FormatError, match="does not begin with the names of its columns"):
        read(table("c,d\n1,x\n"), "a", "b", skip=9)


@pytest.mark.parametrize("title", [";;;", "Report; 2026", "Trips | 2026", "::", "1;2", "'a';"])
def test_signs_in_a_title_are_not_taken_for_what_stands_between_cells(table, title):
    with pytest.raises(FormatError, match=r"first line, but in line 2; set data.csv.skip to 1, or"):
        read(table(f"{title}\na,b\n1,x\n"), "a", "b")


def test_lines_that_stand_in_quotes_as_a_whole_are_told(table):
    path = table('"a,""b"",c"\r\n"1,""x, y"",2"\r\n')
    with pytest.raises(FormatError, match="no column 'a': each line stands in quotes") as error:
        read(path, "a", "b")
    [script] = re.findall(r"sed '(.*)' FILE", str(error.value))
    path.write_bytes(subprocess.run(["sed", script, path], capture_output=True, check=True).stdout)
    assert read(path, "a", "b")[0] == [("1", "x, y")]


@pytest.mark.parametrize("size", [1, 30, 1 << 20])
def test_comments_are_no_rows(table, size):
    path = table('# by "hand\na,b\n#,"x\n1,x\n"2\n# no comment",y\n# end, of, it\n3,#z\n')
    rows, lines, bad = read(path, "a", "b", size=size, comment="#")
    assert rows == [("1", "x"), ("2\n# no comment", "y"), ("3", "#z")]
    assert lines == [4, 5, 8]
    assert not bad
    with pytest.raises(ValueError, match="comment is ',', which means something else"):
        reader("a", comment=",")


def test_a_question_over_several_lines_is_a_name_on_one(table):
    path = table('"How old\r\n  are you?",b\n5,x\n')
    assert read(path, "How old are you?", "b")[0] == [("5", "x")]


def test_a_title_above_the_header_is_told(tmp_path, read):
    path = tmp_path / "t.csv"
    path.write_text("Sales report,,\n,,\na,b,c\n1,2,3\n")
    with pytest.raises(FormatError, match=r"first line, but in line 3; set data.csv.skip to 2, or"):
        read("csv", [path], "a", "c")
