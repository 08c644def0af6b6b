import pytest

from documents.features import Feature, Seen
from serving.clients.rewritten import Rewritten


def _asked(*known: str, kind: str = "category") -> Rewritten:
    return Rewritten({"partner": Feature(name="partner", kind=kind, seen=Seen(values=known))})


def test_another_writing_is_told_once_of_a_column() -> None:
    asked = _asked("Yes", "No")
    assert [*asked.told({"partner": "Yes", "age": 3.0})] == []
    [told] = asked.told({"partner": "NO"})
    assert told == (
        "column partner holds 'NO', and the model learned from 'No', which is another category to"
        " it"
    )
    assert [*asked.told({"partner": "yes"})] == []


@pytest.mark.parametrize("cell", ["", "Perhaps", 3.0, b"NO"])
def test_there_is_nothing_to_tell_of_others(cell: object) -> None:
    assert [*_asked("Yes", "No").told({"partner": cell})] == []
    assert [*_asked("Yes", "No").told({"age": "NO"})] == []


def test_texts_are_no_categories_and_some_models_tell_nothing() -> None:
    assert [*_asked("Yes", "No", kind="text").told({"partner": "NO"})] == []
    assert [*Rewritten({"a": Feature(name="a", kind="category")}).told({"a": "NO"})] == []
