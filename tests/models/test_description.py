from documents.features import Seen
from models.declaration import Declaration
from models.description import declared, describe

DECLARATION = Declaration.model_validate(
    {
        "features": {"area": {"kind": "number"}, "id": {"kind": "ignore"}},
        "label": {"name": "price", "kind": "number", "unit": "€"},
    }
)


def test_what_is_seen_stands_beside_what_it_was_seen_of() -> None:
    seen = {"area": Seen(low=20.0, high=200.0), "price": Seen(low=1e5, high=2e6)}
    document = describe(DECLARATION, seen=seen)
    assert [feature.seen for feature in document.features] == [seen["area"], None]
    assert document.label.seen == seen["price"]
    assert describe(DECLARATION).label.seen is None


def test_what_was_described_is_declared_again() -> None:
    assert declared(describe(DECLARATION)) == DECLARATION
