"""``visionfmt generate``: samples of a format to a folder."""

from __future__ import annotations

import argparse
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pytest_visionfmt.commands import Unusable
from pytest_visionfmt.commands.check import INTERRUPTED, count
from pytest_visionfmt.commands.progress import progress
from pytest_visionfmt.format import PROFILES, Format

__all__ = ["add_generate", "generated"]


class Part(NamedTuple):
    """How many of the records: a number, or a percentage."""

    number: Fraction
    is_percentage: bool

    def of(self, size: int) -> int:
        """Return how many that is of so many, to the nearest."""
        return int(size * self.number / 100 + Fraction(1, 2)) if self.is_percentage else int(self.number)


def part(text: str) -> Part:
    """Return what an option such as ``10`` or ``2.5%`` gives."""
    if not text.endswith("%"):
        return Part(Fraction(count(text)), False)
    whole, dot, rest = text[:-1].partition(".")
    if not (whole.isdecimal() and (rest.isdecimal() or not dot) and Fraction(text[:-1]) <= 100):
        raise argparse.ArgumentTypeError(f"{text!r} is not a percentage, 0% to 100%")
    return Part(Fraction(text[:-1]), True)


def add_generate(generate: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    generate.add_argument("format", metavar="FORMAT", help="a format id, or package.module:NAME")
    generate.add_argument(
        "-n",
        "--size",
        type=count,
        default=20,
        metavar="N",
        help="how many records, or documents (default: %(default)s)",
    )
    generate.add_argument("--seed", type=int, default=0, metavar="N", help="makes other records (default: %(default)s)")
    generate.add_argument("--out", required=True, metavar="FOLDER", help="where to write; made if it is not there")
    generate.add_argument("--images", action="store_true", help="make the image of every record as well")
    generate.add_argument(
        "--invalid",
        type=part,
        metavar="PART",
        help="break so many of the records, 10 or 10%%, each in one way; breaches.json says which and how",
    )
    generate.add_argument(
        "--profile", choices=PROFILES, default="documented", help="who must accept the records (default: %(default)s)"
    )
    generate.add_argument(
        "--force", action="store_true", help="write to a folder that is not empty; files of the same names are replaced"
    )


def generated(format_: Format, options: argparse.Namespace) -> int:
    """Run the command; return 0, or 130 where the user stopped it. Raises ``Unusable``."""
    from hypothesis.errors import HypothesisException

    from pytest_visionfmt.sample_folders import write_samples

    invalid = options.invalid.of(options.size) if options.invalid else 0
    steps = options.size * (2 if options.images else 1)
    try:
        with progress(steps, "steps", title=format_.id) as bar:
            path = write_samples(
                options.out,
                format_,
                options.size,
                seed=options.seed,
                profile=options.profile,
                images=options.images,
                invalid=invalid,
                exist_ok=options.force,
                tick=partial(bar.advance, 1),
            )
    except FileExistsError as error:
        raise Unusable(str(error).replace("exist_ok=True", "--force")) from None
    except (HypothesisException, LookupError, OSError, ValueError) as error:
        raise Unusable(str(error)) from None
    except KeyboardInterrupt:
        print("stopped: nothing was written", file=sys.stderr)
        return INTERRUPTED
    print(_summary(format_, options, invalid, path))
    return 0


def _summary(format_: Format, options: argparse.Namespace, invalid: int, path: Path) -> str:
    from pytest_visionfmt.reports.text import plural

    what = plural(options.size, "document" if format_.unit == "json" else "record")
    broken = f", {invalid} of them invalid," if options.invalid else ""
    return f"{what} of {format_.id}{broken} in {path}"
