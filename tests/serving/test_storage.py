"""Addresses with a scheme; what lies in folders of this machine is tested where it is used."""

from __future__ import annotations

import pytest

from serving import storage


def test_an_address_that_nothing_reads_is_no_empty_folder():
    with pytest.raises(OSError, match="nothing here reads or writes mystore://"):
        storage.children("mystore://bucket/base")
