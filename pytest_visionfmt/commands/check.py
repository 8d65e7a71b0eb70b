"""``visionfmt check``: files to findings, printed as asked for."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pytest_visionfmt.checking_datasets import check_dataset
from pytest_visionfmt.checking_files import CheckInterrupted, check_bytes
from pytest_visionfmt.checking_images import IMAGE_MODES, image_check
from pytest_visionfmt.checking_paths import check_paths, data_files, size_of
from pytest_visionfmt.commands import Unusable
from pytest_visionfmt.commands.progress import Progress, progress
from pytest_visionfmt.format import PROFILES, Format
from pytest_visionfmt.report import MAX_FINDINGS, Report
from pytest_visionfmt.reports.baseline import Baseline
from pytest_visionfmt.reports.outputs import OUTPUTS, begin, end
from pytest_visionfmt.reports.selection import Selection, codes_of
from pytest_visionfmt.reports.text import report_lines
from pytest_visionfmt.values import printable

__all__ = ["add_check", "add_judging", "checked", "count", "judged"]

_COLOURS = {"error": "\033[1;31m", "warning": "\033[1;33m", "note": "\033[36m"}
_RESET = "\033[0m"
_LARGE = 1 << 28
"""From so many bytes on, starting processes costs less than they save."""
INTERRUPTED = 130


def count(text: str) -> int:
    """Return the number that an option gives, 0 or more."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number, 0 or more")
    return int(text)


def add_check(check: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    check.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, or - for standard input")
    check.add_argument(
        "--format", metavar="FORMAT", help="a format id, or package.module:NAME; told from the keys if left out"
    )
    add_judging(check)
    check.add_argument(
        "--images", choices=IMAGE_MODES, help="what to look at of the images that records name (default: off)"
    )
    check.add_argument(
        "--image-root",
        metavar="FOLDER",
        help="the folder below which images are looked for, instead of that of the file; means --images headers",
    )
    check.add_argument(
        "--dataset",
        action="store_true",
        help="the files are of one dataset, training data first: look for what is wrong between them as well",
    )
    check.add_argument(
        "-j",
        "--jobs",
        type=count,
        metavar="N",
        help="how many processes to share the work among (default: as there are processors, where it is large)",
    )


def add_judging(check: argparse.ArgumentParser) -> None:
    """Add the arguments of a command that checks files: who judges, what fails, how to print."""
    check.add_argument("--profile", choices=PROFILES, default="documented", help="who judges (default: %(default)s)")
    check.add_argument("--strict", action="store_true", help="warnings fail as well")
    check.add_argument(
        "--max-findings",
        type=count,
        default=MAX_FINDINGS,
        metavar="N",
        help="how many findings of one code to keep for a file (default: %(default)s)",
    )
    check.add_argument(
        "--select", default="", metavar="CODES", help="only these codes or names; VF6 means all that begin so"
    )
    check.add_argument("--ignore", default="", metavar="CODES", help="all but these codes or names")
    check.add_argument(
        "--baseline", metavar="FILE", help="known findings, which pass; new ones fail, and mended ones are named"
    )
    check.add_argument("--write-baseline", metavar="FILE", help="write the findings of this run as the known ones")
    check.add_argument("--output", choices=OUTPUTS, default="text", help="how to print (default: %(default)s)")
    check.add_argument(
        "-v", "--verbose", action="store_true", help="show notes, and the files that are clean or skipped"
    )


def checked(format_: Format | None, options: argparse.Namespace) -> int:
    """Run the command; return what ``judged`` does. Raises ``Unusable``."""
    try:
        image_check(options.images, options.image_root, Path())
    except ValueError as error:
        raise Unusable(str(error)) from None
    with progress(lambda: _size(name for name in options.paths if name != "-"), "bytes") as bar:
        return judged(_reports(options, format_, bar), options, bar)


def judged(reports: Iterable[Report], options: argparse.Namespace, bar: Progress | None = None) -> int:
    """Print reports as they come; return 0, 1 where a file fails, 130 where the user stopped. Raises ``Unusable``.

    The ``bar`` leaves the terminal to what is printed.
    """
    try:
        selection = Selection(codes_of(options.select), codes_of(options.ignore))
        baseline = Baseline.read(Path(options.baseline)) if options.baseline else None
    except (OSError, ValueError) as error:
        raise Unusable(str(error)) from None
    everything: list[Report] = []
    new: list[Report] = []
    complete = True

    def take(report: Report) -> None:
        everything.append(selection.of(report))
        new.append(baseline.new_in(everything[-1]) if baseline else everything[-1])
        if lines := list(_one(new[-1], options)):
            if bar:
                bar.clear()
            _print(lines)

    try:
        for report in reports:
            take(report)
    except CheckInterrupted as interrupted:
        complete = False
        take(interrupted.report)
    except KeyboardInterrupt:
        complete = False
    if bar:
        bar.clear()
    if baseline and options.output == "text":
        _print(baseline.mended(everything))
    _end(new, options, complete)
    if options.write_baseline and complete:
        Baseline.of(everything).write(Path(options.write_baseline))
    return int(any(report.failed(strict=options.strict) for report in new)) if complete else INTERRUPTED


def _one(report: Report, options: argparse.Namespace) -> Iterator[str]:
    """Return what the output says of one file."""
    if options.output == "text":
        return _coloured(report, sys.stdout, options.verbose)
    return begin(options.output, report, notes=options.verbose)


def _end(reports: Sequence[Report], options: argparse.Namespace, complete: bool) -> None:
    if options.output == "text":
        if not reports and complete:
            print("no data files found")
        lines = list(end("text", reports, notes=options.verbose, complete=complete))
        why = "" if options.verbose or not any(report.skipped for report in reports) else " (-v says why)"
        print(f"{lines[0]}{why}")
        return
    _print(end(options.output, reports, notes=options.verbose, strict=options.strict, complete=complete))


def _reports(options: argparse.Namespace, format_: Format | None, bar: Progress) -> Iterator[Report]:
    limits: dict[str, Any] = {
        "profile": options.profile,
        "max_findings": options.max_findings,
        "images": options.images,
        "image_root": options.image_root,
    }
    names = list(dict.fromkeys(options.paths))
    for name in names:
        if name == "-" and format_ is None:
            raise Unusable("standard input has no name to go by: give its --format")
        if name == "-" and options.images not in (None, "off") and options.image_root is None:
            raise Unusable("standard input has no folder to look for images in: give an --image-root")
    files = [name for name in names if name != "-"]
    with _executor(options.jobs, files) as executor:
        for name in names:
            if name == "-":
                assert format_ is not None
                yield check_bytes(sys.stdin.buffer.read(), format_, file="<stdin>", **limits)
            elif not Path(name).exists() and not os.path.lexists(name):
                raise Unusable(f"there is no file or folder {name!r}")
            else:
                yield from check_paths([name], format_, executor=executor, progress=bar.advance, **limits)
    if options.dataset:
        yield check_dataset(files, format_, profile=options.profile, max_findings=options.max_findings)


@contextmanager
def _executor(jobs: int | None, names: Sequence[str]) -> Iterator[Executor | None]:
    """Give processes to share the work among, where they were asked for or the work is large."""
    if jobs is None:
        jobs = _processors() if _size(names) >= _LARGE else 1
    if jobs <= 1:
        yield None
        return
    # Spawned processes are the same everywhere, and safe whatever this one has running.
    # An interrupt reaches them as well, and they have nothing to say of it.
    context, initargs = multiprocessing.get_context("spawn"), (signal.SIGINT, signal.SIG_DFL)
    with ProcessPoolExecutor(jobs, context, signal.signal, initargs) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _processors() -> int:
    # Fewer than the machine has, where a container or a batch system says so.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(names: Iterable[str]) -> int:
    return sum(size_of(path) for path, _ in data_files(names))


def _coloured(report: Report, stream: IO[str], verbose: bool) -> Iterator[str]:
    colour = stream.isatty() and "NO_COLOR" not in os.environ
    for line, style in report_lines(report, notes=verbose):
        yield f"{_COLOURS[style]}{line}{_RESET}" if colour and style else line
    if verbose and report.skipped:
        yield f"{printable(report.file)}: skipped: {report.skipped}"
    elif verbose and report.file and not report.findings:
        yield f"{printable(report.file)}: clean {report.format}"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
