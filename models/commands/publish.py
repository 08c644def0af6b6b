"""`python -m models.hub publish`: a module of a trained encoder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from documents.terminal.command_line import CommandLine
from documents.terminal.console import changed
from documents.terminal.option_types import folder_option
from models.commands._exit_codes import EXIT_CODES
from models.commands._made import report
from models.commands._quiet import quiet_imports
from models.hub.module import HubError

BASE_PATH = "workspace/serving/fashion_mnist"
_LONGEST_LICENCE = 200


def main(arguments: Sequence[str]) -> int:
    """Makes a module of a version's encoder; returns the exit code."""
    parser = CommandLine(
        prog="python -m models.hub publish",
        description="Make a TensorFlow Hub module of the trained encoder in a version: an\n"
        "archive, its sha256 and a model card in DIR/MODEL/FEATURE/VERSION.\n\n"
        "The packed module is tried before it is there: loaded in hub.KerasLayer, held against\n"
        "the version's own numbers, and fine-tuned for a step.",
        epilog=f"{EXIT_CODES}\n\nexamples:\n"
        "  python -m models.hub publish 1795627850 --to modules\n"
        "  python -m models.hub publish 1795627850 --to modules --licence Apache-2.0\n"
        "  python -m models.hub publish 3 --feature photo --to modules --base-path /srv/pets\n"
        "  python -m models.hub serve modules",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "version", help="number of a version; `python -m serving versions` lists them"
    )
    parser.add_argument("--feature", metavar="NAME", help="whose encoder, where there are several")
    parser.add_argument(
        "--to", required=True, metavar="DIR", type=folder_option, help="folder of modules"
    )
    parser.add_argument(
        "--base-path",
        default=BASE_PATH,
        metavar="FOLDER",
        help="folder of the versions (default: %(default)s)",
    )
    parser.add_argument(
        "--licence",
        metavar="NAME",
        help="stands on the model card, e.g. Apache-2.0; that of data and of the module that it"
        " began as bind you",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.licence is not None and not 0 < len(options.licence) <= _LONGEST_LICENCE:
        parser.error(f"--licence has 1 to {_LONGEST_LICENCE} characters")
    with quiet_imports():
        from models.publishing.check import CheckError
        from models.publishing.publish import publish_module
        from models.publishing.version import PublishError
    try:
        made = publish_module(
            options.base_path, options.version, options.feature, options.to, options.licence
        )
    except (PublishError, CheckError, HubError) as error:
        print(error, file=sys.stderr)
        return 1
    changed()
    verb = "Published" if made.is_new else "Already published:"
    done = "loads in hub.KerasLayer, gives the version's numbers, can be fine-tuned"
    report(made, verb, done, as_json=options.json)
    return 0
