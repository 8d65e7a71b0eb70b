"""The files of one dataset beside each other: images in two of them, classes in one alone."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from pytest_visionfmt.checking import judge, rules_of
from pytest_visionfmt.checking_files import Source, head_of, open_file
from pytest_visionfmt.checking_paths import data_files
from pytest_visionfmt.format import Format, Profile, check_profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.formats.dataset_rules import Beside, Class, store_of
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.parts import tally_text
from pytest_visionfmt.recognition import recognise
from pytest_visionfmt.report import MAX_FINDINGS, Report, Tally
from pytest_visionfmt.texts import line_text, texts

__all__ = ["check_dataset"]


class _Shown(NamedTuple):
    """What one line of a file shows: its image, and its classes."""

    line: int
    raw: bytes
    value: Any
    image: str
    classes: tuple[Class, ...]


@dataclass(slots=True)
class _Contents:
    """What is remembered of a file: a hash of each image, and its classes."""

    images: array[int] = field(default_factory=lambda: array("q"))
    classes: Counter[Class] = field(default_factory=Counter)


def check_dataset(
    paths: Iterable[str | PathLike[str]],
    format: str | Format | None = None,
    *,
    profile: Profile = "documented",
    max_findings: int = MAX_FINDINGS,
) -> Report:
    """Check the files of one dataset beside each other; what each says by itself is for ``check_paths``.

    * ``paths`` are files and folders, that with the training data first: what the others hold is measured
      with the model that it trains.
    * ``format`` is the id of a format, or a ``Format`` of your own; None tells it from the first file that
      shows one. Files of other formats are left out.
    * ``profile`` and ``max_findings`` are those of ``check_file``.

    The findings say of which file they are; the report as a whole is of none. Records that cannot be read
    are passed over. Raises ``ValueError`` for a wrong argument, as ``check_file`` does.
    """
    check_profile(profile)
    if max_findings < 0:
        raise ValueError(f"max_findings={max_findings} is negative")
    wanted = named(format) if format is not None else None
    files: list[Path] = []
    for path, _ in data_files(paths):
        found = _format_of(path)
        wanted = wanted or (found if found and found.read and rules_of(found).dataset else None)
        if wanted and found is wanted:
            files.append(path)
    if wanted is None or wanted.read is None or len(files) < 2:
        return Report(max_findings=max_findings)
    return _Dataset(wanted, profile, max_findings, files).report()


def _format_of(path: Path) -> Format | None:
    try:
        with open_file(path) as stream:
            return recognise(head_of(stream, path.name), path.name).format
    except (OSError, EOFError):
        return None


class _Dataset:
    """Two or more files of one format, read twice: for what there is, and for what is to be said of it."""

    def __init__(self, format_: Format, profile: Profile, max_findings: int, files: list[Path]) -> None:
        self._format = format_
        self._profile = profile
        self._files = files
        self._tally = Tally(max_findings)
        self._contents = [self._read(path) for path in files]

    def _read(self, path: Path) -> _Contents:
        contents = _Contents()
        for shown in self._shown(path):
            contents.images.append(hash(shown.image))
            contents.classes.update(shown.classes)
        return contents

    def _shown(self, path: Path) -> Iterator[_Shown]:
        assert self._format.read is not None
        with ExitStack() as streams:
            for text in texts(Source(partial(open_file, path), streams).lines_again()):
                if text.blank or text.last > text.first or text.parsing.value is MISSING:
                    continue
                try:
                    for image in self._format.read(text.parsing.value):
                        if image.name is not None:
                            classes = tuple(shown.label for shown in image.objects)
                            yield _Shown(text.first, text.raw, text.parsing.value, image.name, classes)
                except (AttributeError, IndexError, KeyError, TypeError, ValueError):
                    continue  # what is wrong with it, a check of the file says

    def report(self) -> Report:
        totals: Counter[Class] = Counter()
        for contents in self._contents:
            totals += contents.classes
        first, *others = (frozenset(contents.classes) for contents in self._contents)
        measured = frozenset[Class]().union(*others)
        shared = self._in_several()
        images: dict[str, tuple[str, int]] = {}
        stores: dict[str, tuple[str, int]] = {}
        known: set[Class] = set()
        for number, path in enumerate(self._files):
            here: dict[str, tuple[str, int]] = {}
            stores_here: dict[str, tuple[str, int]] = {}
            seen: set[Class] = set()
            for shown in self._shown(path):
                place, store = (str(path), shown.line), store_of(shown.image)
                fresh = frozenset({*shown.classes, store} - seen)
                new = fresh - known - stores.keys()
                self._look(path, shown, Beside(not number, images, stores, first, measured, totals, fresh, new))
                seen |= fresh
                stores_here.setdefault(store, place)
                if hash(shown.image) in shared:
                    here.setdefault(shown.image, place)
            known |= seen
            for mine, all_ in ((here, images), (stores_here, stores)):
                for name, place in mine.items():
                    all_.setdefault(name, place)
        return self._tally.report(format=self._format.id)

    def _in_several(self) -> set[int]:
        """Return the hashes of the images that more than one file has."""
        seen: set[int] = set()
        several: set[int] = set()
        for contents in self._contents:
            here = set(contents.images)
            several |= here & seen
            seen |= here
        return several

    def _look(self, path: Path, shown: _Shown, beside: Beside) -> None:
        found = [
            one
            for rule, look in rules_of(self._format).dataset
            for hit in look.find(shown.value, beside)
            if (one := judge(rule, hit, self._format, self._profile, shown.value))
        ]
        if found:
            before = len(self._tally.findings)
            tally_text(self._tally, found, partial(line_text, shown.line, shown.raw), shown.line)
            kept = self._tally.findings[before:]
            self._tally.findings[before:] = [replace(finding, file=str(path)) for finding in kept]
