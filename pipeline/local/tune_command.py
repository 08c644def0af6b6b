"""`python local_runner.py tune`: searches settings within a time, and proposes what is better."""

from __future__ import annotations

import argparse
import math
import sys

from documents.settings.section import short_repr
from documents.terminal.command_line import CommandLine
from documents.terminal.short_path import short_path
from models.tuning import budget
from pipeline.local.options import Options
from pipeline.local.run import run
from pipeline.run_arguments import add_config, add_overrides
from pipeline.settings import REPOSITORY
from pipeline.tune.options import TuneOptions

DESCRIPTION = """\
Searches settings of the training: the settings as they are first, then others near and far from
the best so far, each trained on the train split and measured on the eval split by the first metric
of the evaluation; the test split is not looked at. What is much worse than the others is stopped
early. The best one is trained again beside the settings as they are, with three seeds that no trial
had: only what is better by more than seeds alone make is proposed, as a diff of the settings file.

What is searched follows from the features: learning rate, decay, dropout, widths, vectors,
smoothing, augmentation. search(space) in a file of your own says something else, see
docs/your_model.md.

The same command goes on after Ctrl-C or a kill, with what is left of its time; more --minutes or
more --trials go on from there."""

EPILOG = """\
exit codes:
  0    better settings were found; with --write the settings file has them now
  1    an error
  2    a mistake in the command line or the settings
  3    the search finished, and nothing better was found
  130  interrupted; the best so far was printed

examples:
  python local_runner.py tune --minutes 5
  python local_runner.py tune --config configs/taxi.yaml --trials 20 --minutes 10
  python local_runner.py tune --config trips/settings.yaml --minutes 10 --write"""
_LONGEST = 60 * 24 * 30


def main(arguments: list[str]) -> int:
    """The exit code."""
    budget.begin()
    parser = CommandLine(
        prog="local_runner.py tune",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_config(parser, "settings, a YAML file (default: configs/fashion_mnist.yaml)")
    parser.add_argument(
        "--root",
        default=REPOSITORY / "workspace",
        help="folder of the runs, which share what they prepare (default: workspace/)",
    )
    parser.add_argument(
        "--minutes",
        type=_minutes,
        default=5.0,
        help="for all of it, reading and preparing the data included (default: 5)",
    )
    parser.add_argument(
        "--trials", type=_trials, help="at most; without it as many as there is time for"
    )
    parser.add_argument(
        "--write", action="store_true", help="change the settings file as is proposed"
    )
    add_overrides(parser, "override one setting for all trials; may be repeated")
    parser.add_argument(
        "--no-cache", dest="cache", action="store_false", help="prepare the data anew"
    )
    parser.add_argument(
        "--json", action="store_true", help="print what was found as JSON; progress goes to stderr"
    )
    options = parser.parse_args(arguments)
    return run(
        Options(
            config=options.config,
            root=options.root,
            overrides=options.overrides,
            cache=options.cache,
            json=options.json,
            command=[short_path(sys.executable), sys.argv[0], "tune", *arguments],
            tune=TuneOptions(options.minutes, options.trials, options.write),
        )
    )


def _minutes(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found <= _LONGEST:
        raise argparse.ArgumentTypeError(
            f"{short_repr(text)} is no number of minutes up to {_LONGEST}"
        )
    return found


def _trials(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 5 and int(text) >= 1):
        raise argparse.ArgumentTypeError(
            f"{short_repr(text)} is no number of trials from 1 to 99999"
        )
    return int(text)
