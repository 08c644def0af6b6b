"""Addresses on a command line, taken or refused in words."""

from __future__ import annotations

import argparse

import pytest

from serving.clients.url_options import server_option, url_option


def test_addresses_are_those_of_the_protocols_that_are_spoken():
    assert server_option("grpc://h:1") == "grpc://h:1"
    assert url_option("http://h:1") == "http://h:1"
    for option, text in ((url_option, "grpc://h:1"), (server_option, "ftp://h:1")):
        with pytest.raises(argparse.ArgumentTypeError, match="is refused: it must begin with http"):
            option(text)
