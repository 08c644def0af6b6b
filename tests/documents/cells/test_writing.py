import pytest

from documents.cells.writing import by_plain, plain


@pytest.mark.parametrize(
    ("one", "other"), [("NO", "no"), ("01002", "1002.0"), ("New  York", "new york"), ("='a'", "A")]
)
def test_the_same_in_another_writing(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(("one", "other"), [("A+", "A-"), ("1", "10"), ("1.5", "1"), ("é", "e")])
def test_what_means_another_category_is_one(one: str, other: str) -> None:
    assert plain(one) != plain(other)


def test_of_several_writings_the_first_stands_for_them() -> None:
    assert by_plain(["No", "NO", "yes"]) == {"no": "No", "yes": "yes"}
