"""Files of YAML documents as untrusted input."""

from __future__ import annotations

import datetime

import pytest

from pipeline.kubeflow.validation.yaml_file import MAX_BYTES, YamlFileError, read_yaml_file


@pytest.fixture
def read(tmp_path):
    def read_text(content):
        file = tmp_path / "a.yaml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_yaml_file(file)

    return read_text


def test_documents_are_read_as_they_are_meant(read):
    text = "\ufeff# c\na: {b: [1, 1.5, true, null, '2', x]}\n---\n---\nd: 2026-01-02\n"
    assert read(text) == [
        {"a": {"b": [1, 1.5, True, None, "2", "x"]}},
        None,
        {"d": datetime.date(2026, 1, 2)},
    ]
    assert read("") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "the key 'a' is there twice"),
        ("a: {b: 1, 'b': 2}", "the key 'b' is there twice"),
        ("1: a", "'1' is no text; put the key in quotes"),
        ("on: a", "'on' is no text"),
        ("[a]: b", "a key is no text"),
        ("<<: {a: 1}", "'<<' is no text"),
        ("a: &x 1\nb: *x", "alias *x is not allowed"),
        ("a: &x [*x]", "alias *x is not allowed"),
        ("a: !!python/object/apply:os.getcwd []", "is not allowed"),
        ("a: !!binary aGk=", "the tag !!binary is not allowed"),
        ("a:\n\t- b", "cannot start any token"),
        ("a: [", "is not plain YAML"),
        ("a: 2026-13-45", "is not plain YAML"),
        ("a: b: c", "mapping values are not allowed"),
        ('a: "\\ud800"', "holds half a character"),
        ('"\\ud800": a', "holds half a character"),
        ("a: '\x00'", "special characters are not allowed"),
        ("[" * 100 + "]" * 100, "nested more than 64 deep"),
        (b"a: \xff", "is not UTF-8: byte 0xff at 3"),
        ("a: 1".encode("utf-16"), "is not UTF-8"),
        (b" " * (MAX_BYTES + 1), "is over 2 MB"),
    ],
)
def test_what_readers_do_not_read_alike_is_refused(read, content, said):
    with pytest.raises(YamlFileError) as refused:
        read(content)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 600


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(YamlFileError, match=r"Cannot read .*nothing\.yaml: No such file"):
        read_yaml_file(tmp_path / "nothing.yaml")
