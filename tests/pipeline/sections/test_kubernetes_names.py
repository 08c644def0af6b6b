"""How Argo and Kubernetes want things called."""

from __future__ import annotations

import pytest

from pipeline.sections import kubernetes_names as names

TAKEN = {
    names.not_label: ("a", "a-1", "1" * 63),
    names.not_subdomain: ("a", "a.b-c", ".".join(["a" * 63] * 3)),
    names.not_qualified: ("a", "A_b.c", "example.com/A", "nvidia.com/gpu"),
    names.not_label_value: ("", "a", "A_b.c", "1" * 63),
    names.not_variable: ("A", "_a", "a.b-c", "-a"),
    names.not_key: ("a", "A.b_c-d", "1"),
    names.not_argo: ("a", "A-1", "a" * 128),
    names.not_mount_path: ("/a", "/a/b/", "/a b"),
}
REFUSED = {
    names.not_label: ("", "A", "-a", "a-", "a_b", "a.b", "a\n", "1" * 64, "ä"),
    names.not_subdomain: ("", "A", "a..b", ".a", "a/b", "a" * 254),
    names.not_qualified: ("", "/a", "a/", "a/b/c", "A.com/b", "a b", "-a", "a" * 64),
    names.not_label_value: ("a b", "-a", "a/b", "1" * 64, "a\n"),
    names.not_variable: ("", "1a", "a b", "a=b", "a\n"),
    names.not_key: ("", "a b", "a/b", ".", "..", "a" * 254),
    names.not_argo: ("", "-a", "a_b", "a.b", "a" * 129, "a\n"),
    names.not_mount_path: ("", "a", "/", "//", "/a:b", "./a"),
}


@pytest.mark.parametrize(("check", "name"), [(c, n) for c, found in TAKEN.items() for n in found])
def test_a_name_is_taken(check, name):
    assert check(name) is None


@pytest.mark.medium
@pytest.mark.parametrize(("check", "name"), [(c, n) for c, found in REFUSED.items() for n in found])
def test_a_name_is_refused_with_the_rule(check, name):
    assert check(name).startswith("must be ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1", 1), ("0.5", 0.5), (".5", 0.5), ("1.", 1), ("+1", 1), ("500m", 0.5), ("2k", 2_000)),
        *(("1Ki", 1_024), ("4Gi", 4 * 1_024**3), ("1.5G", 1.5e9), ("1e3", 1_000), ("1E3", 1_000)),
        *(("3E", 3e18), ("5u", 5e-6), ("5n", 5e-9)),
    ],
)
def test_a_quantity_is_what_it_stands_for(text, value):
    assert names.quantity(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "G", "1 G", "1GB", "4gi", "1K", "1ki", "1e", "1.2.3", "0x1", "1\n", "nan"]
)
def test_anything_else_is_no_quantity(text):
    assert names.quantity(text) is None
