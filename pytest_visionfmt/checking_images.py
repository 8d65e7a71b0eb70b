"""The images that the records of a file name: found below one folder, read, and judged. No network is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Literal, TypeAlias

from pytest_visionfmt.annotations import ImageClaim
from pytest_visionfmt.checking import Found, judge, rules_of, value_of
from pytest_visionfmt.findings import Finding
from pytest_visionfmt.format import Format, Hit, Profile
from pytest_visionfmt.formats.image_rules import ORPHANED
from pytest_visionfmt.image_facts import ImageProblem, SeenImage, facts_of, type_of
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.locations import Locator, NoLocalFile, parts_of
from pytest_visionfmt.parts import tally_text
from pytest_visionfmt.report import Report, Tally
from pytest_visionfmt.texts import Text, texts
from pytest_visionfmt.values import show

__all__ = ["IMAGE_MODES", "ImageCheck", "ImageMode", "image_check", "with_images"]

ImageMode: TypeAlias = Literal["off", "headers", "full"]
IMAGE_MODES: tuple[ImageMode, ...] = ("off", "headers", "full")
# Pillow also knows the endings of documents and of scientific data.
_PICTURES = frozenset({"JPEG", "PNG", "BMP", "TIFF", "GIF", "WEBP"})
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ImageCheck:
    """How the images of a file are checked; ``root`` is the folder they are looked for in."""

    mode: ImageMode
    root: Path


def image_check(
    images: ImageMode | None, image_root: str | PathLike[str] | None, folder: Path | None
) -> ImageCheck | None:
    """Return how to check images, None for not at all: giving a root means their headers.

    ``folder`` is that of the data file, where images are looked for unless a root is given. Raises
    ``ValueError`` for an unknown mode, and for a root that is no folder.
    """
    if images is not None and images not in IMAGE_MODES:
        raise ValueError(f"unknown images={images!r}: choose from {', '.join(map(repr, IMAGE_MODES))}")
    mode = images or ("headers" if image_root is not None else "off")
    if mode == "off":
        return None
    root = Path(image_root) if image_root is not None else folder
    if root is None:
        raise ValueError(f"images={images!r} needs an image_root: the content comes from no folder")
    if image_root is not None and not os.path.isdir(root):
        raise ValueError(f"image_root={os.fspath(image_root)!r} is not a folder")
    return ImageCheck(mode, root)


def with_images(
    report: Report, lines: Callable[[], Iterable[bytes]], format_: Format, profile: Profile, check: ImageCheck
) -> Report:
    """Return the report on a file of records with the findings on their images; ``lines`` reads it again.

    A record that has errors is asked for its image all the same, as far as it names one.
    """
    if format_.image_claim is None or not rules_of(format_).image:
        return report
    search = _Search(format_, profile, check)
    tally = Tally(report.max_findings)
    for text in texts(lines()):
        tally_text(tally, search.found(text), partial(_characters, text), text.first)
    for finding in search.orphans():
        tally.add(finding)
    return report.with_more(tally)


def _size(file: str) -> int:
    try:
        return os.stat(file).st_size
    except OSError:  # gone meanwhile
        return 0


def _characters(text: Text) -> str:
    return text.text


class _Search:
    """One pass over the records; remembers which files they name in which folders."""

    def __init__(self, format_: Format, profile: Profile, check: ImageCheck) -> None:
        self._format = format_
        self._profile = profile
        self._full = check.mode == "full"
        self._locator = Locator(check.root)
        self._named: dict[str, set[str]] = {}

    def found(self, text: Text) -> list[Found]:
        value = self._value(text)
        claim_of = self._format.image_claim
        claim = claim_of(value) if claim_of and value is not MISSING else None
        if claim is None:
            return []
        image = self._see(claim)
        return [
            found
            for rule, look in rules_of(self._format).image
            for hit in look.find(value, image)
            if (found := judge(rule, hit, self._format, self._profile, value))
        ]

    def _value(self, text: Text) -> object:
        """Return a text's value, ``MISSING`` where no parser would hand one over."""
        if text.blank or text.last > text.first:
            return MISSING
        return value_of(text.parsing, self._format, self._profile)

    def _see(self, claim: ImageClaim) -> SeenImage:
        try:
            file = self._locator.find(claim.url)
        except NoLocalFile as error:
            for one in error.files:
                self._name(one)
            if error.why == "missing":
                self._look_where_it_should_be(claim.url)
            return SeenImage(claim, error.why, str(error))
        self._name(file)
        found = facts_of(file, full=self._full)
        facts, problem = (found.facts, found) if isinstance(found, ImageProblem) else (found, None)
        limits = self._format.image_limits
        size = _size(file) if limits and limits.max_bytes is not None else 0
        return SeenImage(claim, facts=facts, problem=problem, limits=limits, size=size)

    def _name(self, file: str) -> None:
        folder, name = os.path.split(file)
        self._named.setdefault(folder, set()).add(name)

    def _look_where_it_should_be(self, url: str) -> None:
        try:
            parts = parts_of(url)
        except NoLocalFile:  # the URL has no path at all
            return
        self._named.setdefault(os.path.join(self._locator.root, *parts[:-1]), set())

    def orphans(self) -> Iterator[Finding]:
        """Yield a finding for every folder of named images that has others; below them nothing is looked at."""
        rule = rules_of(self._format).facts.get(ORPHANED)
        if rule is None:
            return
        for folder in sorted(self._named):
            others = self._others(folder)
            if not others:
                continue
            names = ", ".join(show(name) for name in others[:_SHOWN]) + (", ..." if len(others) > _SHOWN else "")
            place = os.path.relpath(folder, self._locator.root)
            where = "the folder of images" if place == os.curdir else f"the folder {show(place)}"
            number = "one image that no record names" if len(others) == 1 else f"{len(others)} images no record names"
            hit = Hit((), f"{where} has {number}: {names}")
            if found := judge(rule, hit, self._format, self._profile):
                yield replace(found.worded(), line=1, column=1)

    def _others(self, folder: str) -> list[str]:
        if not self._locator.holds(folder):
            return []
        named = self._named[folder]
        try:
            with os.scandir(folder) as entries:
                found = [
                    entry.name
                    for entry in entries
                    if entry.name not in named
                    and not entry.name.startswith(".")
                    and type_of(entry.name.rpartition(".")[2]) in _PICTURES
                    and entry.is_file()
                ]
        except OSError:
            return []
        return sorted(found)
