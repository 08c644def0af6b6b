"""What the small data sets of conftest.py hold."""

from __future__ import annotations

from models.declaration import Declaration

DECLARATION = Declaration.model_validate(
    {
        "features": {"image": {"kind": "image", "size": [4, 3]}},
        "label": {"name": "label", "kind": "classes", "values": list("0123456789")},
    }
)
