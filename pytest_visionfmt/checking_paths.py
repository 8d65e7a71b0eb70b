"""Many files at once, in this process or over the workers of an executor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from pytest_visionfmt.checking_files import check_file, check_found, is_shardable
from pytest_visionfmt.checking_images import ImageMode, image_check
from pytest_visionfmt.data_files import walk
from pytest_visionfmt.format import Format, Profile, check_profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.line_reading import Progress
from pytest_visionfmt.report import MAX_FINDINGS, Report

__all__ = ["check_paths", "data_files", "size_of"]

_MOST_WAITING = 256


def check_paths(
    paths: Iterable[str | PathLike[str]],
    format: str | Format | None = None,
    *,
    profile: Profile = "documented",
    max_findings: int = MAX_FINDINGS,
    images: ImageMode | None = None,
    image_root: str | PathLike[str] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Iterator[Report]:
    """Check files, and the data files of folders; yield a report for each, in order.

    * ``format``, ``profile``, ``max_findings``, ``images`` and ``image_root`` are those of ``check_file``. A
      file that was found in a folder and shows no known format is skipped, with a reason.
    * ``executor`` does the work where it is given: any of ``concurrent.futures``, or one like them, whose
      workers see the same files. Files of over 32 MiB are checked in shards, and the report is the same. A
      format of your own must be one that can be pickled, to be sent to another process.
    * ``progress`` is called with how many bytes more of the files are done, from time to time. By the time a
      report is yielded, it has been told of as many as the file has.

    Raises ``ValueError`` for a wrong argument, as ``check_file`` does.
    """
    check_profile(profile)
    if max_findings < 0:
        raise ValueError(f"max_findings={max_findings} is negative")
    format_ = named(format) if format is not None else None
    image_check(images, image_root, Path())
    limits = {"profile": profile, "max_findings": max_findings, "images": images, "image_root": image_root}
    return _reports(data_files(paths), format_, limits, executor, progress)


def data_files(paths: Iterable[str | PathLike[str]]) -> Iterator[tuple[Path, bool]]:
    """Yield every file, with whether it was found in a folder rather than named."""
    for path in map(Path, paths):
        if path.is_dir():
            yield from ((file, True) for file in walk(path))
        else:
            yield path, False


def _reports(
    files: Iterator[tuple[Path, bool]],
    format_: Format | None,
    limits: Mapping[str, Any],
    executor: Executor | None,
    progress: Progress | None,
) -> Iterator[Report]:
    waiting: deque[tuple[Callable[..., Report], _Told | None]] = deque()

    def oldest() -> Report:
        check, told = waiting.popleft()
        report = check()
        if told:
            told.rest()
        return report

    for path, was_found in files:
        check: partial[Report] = (
            partial(check_found, path, **limits)
            if was_found and format_ is None
            else partial(check_file, path, format_, **limits)
        )
        told = _Told(path, progress) if progress else None
        if executor is None or is_shardable(path):
            # This process waits for the shards of one file, after the files before it.
            waiting.append((partial(check, executor=executor, progress=told), told))
        else:
            waiting.append((executor.submit(check).result, told))
        if executor is None or len(waiting) > _MOST_WAITING:
            yield oldest()
    while waiting:
        yield oldest()


class _Told:
    """Tells of the bytes of one file, and in the end of those that nobody spoke of: all are done then."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._left = size_of(path)
        self._progress = progress

    def __call__(self, done: int) -> None:
        done = min(done, self._left)
        self._left -= done
        self._progress(done)

    def rest(self) -> None:
        """Tell that the whole file is done."""
        self(self._left)


def size_of(path: Path) -> int:
    """Return how many bytes a file has, 0 where nobody can say."""
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0
