"""What the node is told of the data: settings that people write under `data`."""

from __future__ import annotations

import pydantic

from components.example_gen.formats.options import FormatOptions
from components.example_gen.splits import SplitOptions
from documents.settings.section import Section
from models.user_code import UserFunction


class RowOptions(FormatOptions):
    """How rows are read, split and refused."""

    split: SplitOptions = SplitOptions()
    quarantine: float = pydantic.Field(0.01, ge=0, le=1)
    """The largest share of rows that may be unreadable."""


class RowsSection(Section):
    """What the execution property `rows` holds as JSON."""

    format: str
    options: RowOptions = RowOptions()
    shards: int = pydantic.Field(2, ge=1)
    """About how many ranges the data are cut into."""
    code: UserFunction | None = None
    """The user's function that reads them, in the format `code`."""
