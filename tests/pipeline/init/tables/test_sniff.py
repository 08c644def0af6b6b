import pytest

from pipeline.init.tables.sniff import options_of


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
        ('a\tb\nham\t"Life is\nspam\tyou\n', "utf-8", {"delimiter": "\t", "quote": None}),
        ('a\tb\nx\t"final" tickets\ny\tz\n', "utf-8", {"delimiter": "\t", "quote": None}),
        ('a,b\n"x, y",1\n"z",2\n', "utf-8", {}),
        ('a,b\n1,"two,\nlines, here"\n2,"x"\n', "utf-8", {}),
        ('a,b\n5" disk,1\n7",2\n', "utf-8", {}),
        ('a,b\n1,"x\n', "utf-8", {"quote": None}),
        ("a;b\n1;\0\n", "utf-8", {"delimiter": ";"}),
    ],
)
def test_how_a_file_is_written(text, encoding, found):
    assert options_of(text.encode(encoding)) == found


def test_a_beginning_may_end_within_a_character():
    assert options_of("a,b\n1,é".encode()[:-1]) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Monthly report\n\na;b\n1;2\n", {"delimiter": ";", "skip": 2}),
        ('He said "5\na,b\n1,2\n', {"skip": 1}),
        ("Report,Q1,\n,,\na,b,c\n1,2,3\n", {"skip": 2}),
        ("# by hand\n#\na\tb\n1\t2\n", {"delimiter": "\t", "comment": "#"}),
        ("a,b\n1,2\n# a pause, of a week, or so\n3,4\n", {"comment": "#"}),
        ("##meta\n#a,b\n1,2\n", {"skip": 1}),
        ("Report\na,b,c\n1,2,3\na,b,c\n4,5,6\n", {"skip": 1}),
        ("x,y\n1,b\n2,c\n3,b\n", {}),
        ("x;y\n1;b\n2;b\n", {"delimiter": ";"}),
        ("#a,b\n1,2\n", {}),
        ("a,b\n#1,2\n#2,3\n", {}),
        ('"How\nold?",b\n1,2\n', {}),
        (" a , b \n1,2\n", {}),
        ("sep=;\n;;\na;b;\n1;2;\n", {"delimiter": ";"}),
        (",,,\n\na,b\n", {}),
        ("b\nno header\n", {}),
    ],
)
def test_lines_above_the_header_are_passed_over(text, found):
    assert options_of(text.encode(), "b") == found


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        ("标签", "gb18030"),
        ("ラベル", "shift_jis"),
        ("라벨", "euc_kr"),
        ("метка", "cp1251"),
        ("ετικέτα", "cp1253"),
        ("größe", "cp1252"),
        ("label", "cp1252"),
    ],
)
def test_the_name_of_the_label_tells_the_encoding(label, encoding):
    cell = "é" if label.isascii() else label
    text = f"a,{label}\n{cell},1\n".encode(encoding)
    assert options_of(text, label) == {"encoding": encoding}
