"""`python -m models.hub HANDLE`: fetches and verifies a module."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Sequence

from documents.terminal.command_line import CommandLine
from documents.terminal.option_types import count_option
from models.commands._exit_codes import EXIT_CODES
from models.hub.module import HubError, resolve


def main(arguments: Sequence[str], commands: Sequence[str] = ()) -> int:
    """Prints where a module is and its sha256; returns the exit code.

    Args:
      commands: one of which a handle that is none may be, misspelt.
    """
    parser = CommandLine(
        prog="python -m models.hub",
        description="Fetch and verify a TensorFlow Hub module, and print its folder and sha256.\n"
        "A remote module without --sha256 is refused with the digest to pin.",
        epilog=f"{EXIT_CODES}\n\nexample: python -m models.hub https://example.org/encoder/1\n\n"
        "python -m models.hub publish --help   make a module of a trained encoder\n"
        "python -m models.hub serve --help     serve those that were made\n"
        "python -m models.hub build --help     make one of weights that others published",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("handle", help="folder, .tar.gz, file://, https:// or gs:// address")
    parser.add_argument("--sha256", help="digest that the module must have (hub.sha256)")
    parser.add_argument(
        "--max-megabytes",
        type=count_option,
        default=512,
        help="largest archive, packed and unpacked (hub.max_megabytes; default %(default)s)",
    )
    parser.add_argument(
        "--allow-http", action="store_true", help="accept plain http (hub.allow_http)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        module = resolve(
            options.handle,
            sha256=options.sha256,
            max_megabytes=options.max_megabytes,
            allow_http=options.allow_http,
        )
    except HubError as error:
        close = difflib.get_close_matches(options.handle, commands, n=1)
        hint = f" Did you mean `python -m models.hub {close[0]}`?" if close else ""
        print(f"{error}{hint}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"path": str(module.path), "sha256": module.sha256}))
    else:
        print(f"path    {module.path}\nsha256  {module.sha256}")
    return 0
