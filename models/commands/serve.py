"""`python -m models.hub serve`: published modules at addresses that a pipeline takes."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Sequence

from documents.terminal.command_line import CommandLine
from documents.terminal.option_types import folder_option, port_option
from models.commands._exit_codes import EXIT_CODES
from models.publishing.server import HOST, PORT, HubServer, ServeError, modules_in


def main(arguments: Sequence[str]) -> int:
    """Serves the modules of a folder until it is interrupted; returns the exit code."""
    parser = CommandLine(
        prog="python -m models.hub serve",
        description="Serve published modules by the TensorFlow Hub web protocol. The address of a\n"
        "module is http://HOST:PORT/MODEL/FEATURE/VERSION; a pipeline takes it as hub.handle.",
        epilog=f"{EXIT_CODES}\n\nexamples:\n"
        "  python -m models.hub serve modules\n"
        "  python local_runner.py --set hub.allow_http=true --set hub.sha256=3b1f… \\\n"
        f"    --set hub.handle=http://{HOST}:{PORT}/fashion_mnist/image/1795627850",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder", type=folder_option, metavar="DIR", help="where `publish --to` wrote"
    )
    parser.add_argument(
        "--host", default=HOST, help="address to listen on; 0.0.0.0 for all (default: %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=port_option,
        default=PORT,
        help="0 for any that is free (default: %(default)s)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object, once modules are served"
    )
    options = parser.parse_args(arguments)
    try:
        found = modules_in(options.folder)
        if not found:
            raise ServeError(
                f"There are no modules in {options.folder}; `python -m models.hub publish VERSION"
                f" --to {options.folder}` makes one."
            )
        server = HubServer(options.folder, options.host, options.port)
    except ServeError as error:
        print(error, file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    with contextlib.suppress(KeyboardInterrupt), server:
        if options.json:
            served = {f"{server.url}/{handle}": sha256 for handle, sha256 in found.items()}
            print(json.dumps({"url": server.url, "modules": served}), flush=True)
        else:
            for handle, sha256 in found.items():
                print(f"{server.url}/{handle}  sha256 {sha256}")
            stop = "Ctrl-C stops it."
            print(f"{server.url} serves {len(found)} of {options.folder}. {stop}", flush=True)
        server.serve_forever()
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
