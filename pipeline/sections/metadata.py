"""Where a run records what it does: in ROOT, or in a database that several share."""

from __future__ import annotations

from typing import Annotated

import pydantic

from documents.settings.section import Section
from documents.store_address import (
    PASSWORD,
    PASSWORD_FILE,
    PORTS,
    AddressError,
    StoreAddress,
    parse_address,
)


def _checked(text: str) -> str:
    scheme, separator, _ = text.partition("://")
    if not separator or scheme not in PORTS:
        begins = " or ".join(f"{known}://" for known in PORTS)
        raise ValueError(f"begin it with {begins}, or leave it out for a file in ROOT")
    try:
        address = parse_address(text)
    except AddressError as error:
        raise ValueError(f"{error}".rstrip(".")) from error
    if address.password:
        # Settings are recorded, and the record is for everybody who may read the store.
        raise ValueError(f"leave the password out and set {PASSWORD}, or {PASSWORD_FILE}")
    return text


class MetadataSettings(Section):
    """The ML Metadata store of a run on this machine; a cluster has its own."""

    store: Annotated[str, pydantic.AfterValidator(_checked)] | None = None
    """`mysql://USER@HOST:PORT/DATABASE`, `postgresql://…` or `grpc://HOST:PORT`; None: a file in
    ROOT."""
    patience_seconds: float = pydantic.Field(120.0, ge=0, le=86_400)
    """How long one that does not answer is asked again before a run gives up."""

    @property
    def address(self) -> StoreAddress | None:
        """With the password of the environment. Raises AddressError as `with_password`."""
        return parse_address(self.store).with_password() if self.store else None
