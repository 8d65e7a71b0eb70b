"""``visionfmt check-bundle``: the files of one training job to findings, each alone and beside the others."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

from pytest_visionfmt.checking_bundle import bundle_reports
from pytest_visionfmt.commands import Unusable
from pytest_visionfmt.commands.check import add_judging, judged
from pytest_visionfmt.report import Report

__all__ = ["add_check_bundle", "bundle_checked"]


def add_check_bundle(check: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    check.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="FILE",
        help="the input manifest; repeatable, where training and testing have one each",
    )
    check.add_argument("--training-output", metavar="FILE", help="the output manifest of the images trained with")
    check.add_argument("--testing-output", metavar="FILE", help="the output manifest of the images tested with")
    check.add_argument("--evaluation", metavar="FILE", help="the evaluation results manifest")
    add_judging(check)


def bundle_checked(options: argparse.Namespace) -> int:
    """Run the command; return what ``judged`` does. Raises ``Unusable``."""
    others = (options.training_output, options.testing_output, options.evaluation)
    given = [*options.input, *(path for path in others if path is not None)]
    if not given:
        raise Unusable("no file is given: --input, --training-output, --testing-output, --evaluation")
    for path in given:
        if not os.path.lexists(path):
            raise Unusable(f"there is no file {path!r}")
    return judged(_reports(options), options)


def _reports(options: argparse.Namespace) -> Iterator[Report]:
    yield from bundle_reports(
        options.input,
        options.training_output,
        options.testing_output,
        options.evaluation,
        options.profile,
        options.max_findings,
    )
