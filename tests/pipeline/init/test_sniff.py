import pytest

from pipeline.init.sniff import options_of


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("a,b\n1,2\n", "utf-8", {}),
        ("a,b\n1,2\n", "utf-8-sig", {}),
        ("a;b\n1,5;2,5\n3,5;4,5\n", "utf-8", {"delimiter": ";"}),
        ("a\tb, c\n1\t2\n", "utf-8", {"delimiter": "\t"}),
        ("a,b\né,2\n", "cp1252", {"encoding": "cp1252"}),
        ("a,b\né,2\n", "utf-16", {"encoding": "utf-16"}),
        ("a,b\né,2\n", "utf-16-le", {"encoding": "utf-16-le"}),
        ('a,b\n"x;y;z",2\n"p;q;r",3\n', "utf-8", {}),
        ("only\n1\n", "utf-8", {}),
        ("", "utf-8", {}),
        ("sep=;\r\na,b;c\r\n1,5;2\r\n", "utf-8", {"delimiter": ";"}),
        ("sep=\t\na\tb\n", "utf-16", {"delimiter": "\t", "encoding": "utf-16"}),
        ("sep=,\na,b;c;d\n1,2;3;4\n", "utf-8-sig", {}),
        ("\n;;;\n\na;b\n1;2\n", "utf-8", {"delimiter": ";"}),
        ("'a','b'\n'1;2','x, y'\n", "utf-8", {"quote": "'"}),
        ("'a';'b';\n'1,2';'x';\n", "utf-8", {"delimiter": ";", "quote": "'"}),
        ("'tis,b\n1,2\n", "utf-8", {}),
        ("'\n1\n", "utf-8", {}),
        ("a;b\n1;\0\n", "utf-8", {"delimiter": ";"}),
    ],
)
def test_how_a_file_is_written(text, encoding, found):
    assert options_of(text.encode(encoding)) == found


def test_a_beginning_may_end_within_a_character():
    assert options_of("a,b\n1,é".encode()[:-1]) == {}
