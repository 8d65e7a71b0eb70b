"""Rules over all records of a file, as folds: duplicate images, class types, background, long lines."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, TypeAlias
from zlib import crc32

from pytest_visionfmt.format import File, Hit, Kept
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_nodes import Node, attribute

__all__ = ["all_background", "class_types", "duplicate_images", "first_places", "lines_with"]


Quick: TypeAlias = Callable[[Node, Any], Callable[[int, Any], Any] | None]
_NO_IMAGE = -1
_MOST_AT_ONCE = 400_000


def _none_yet() -> array[int]:
    return array("q")


def _checksum(text: str) -> int:
    return crc32(text.encode())


@dataclass(slots=True)
class _Images:
    """One number for every line: the hash of its image's name, or ``_NO_IMAGE``.

    That two are equal is only a doubt; ``first`` and ``again`` are filled from the lines in doubt, read
    again. Python's own hash is the cheapest, and another in every process.
    """

    hashes: array[int] = field(default_factory=_none_yet)
    missing: int = 0
    hash: Callable[[str], int] = hash
    first: dict[str, int] = field(default_factory=dict)
    again: list[tuple[int, int]] = field(default_factory=list)

    def share(self) -> None:
        """Take hashes from now on that depend on nothing but the name."""
        self.hash = _checksum

    def skip(self, lines: int) -> None:
        """Note that no other line up to line ``lines`` has an image."""
        if (missing := lines - len(self.hashes)) > 0:
            self.missing += missing
            self.hashes.extend(repeat(_NO_IMAGE, missing))

    def merge(self, other: _Images, lines: int) -> _Images:
        """Return the state of this part, so many lines long, and the next."""
        self.skip(lines)
        self.hashes.extend(other.hashes)
        self.missing += other.missing
        return self

    def doubts(self) -> array[int]:
        """Return the lines whose hash stands in another line as well."""
        shares = len(self.hashes) // _MOST_AT_ONCE + 1
        twice: set[int] = set()
        for share in range(shares):  # a set of all would take ten times the memory of the hashes
            some: Sequence[int] = self.hashes
            if shares > 1:
                some = [hashed for hashed in self.hashes if hashed % shares == share]
            distinct = set(some)
            there = len(some) - (some.count(_NO_IMAGE) if self.missing else 0)
            distinct.discard(_NO_IMAGE)
            if len(distinct) < there:
                for hashed in some:
                    if hashed in distinct:
                        distinct.remove(hashed)
                    else:
                        twice.add(hashed)
        twice.discard(_NO_IMAGE)
        if not twice:
            return _none_yet()
        return array("q", (n for n, hashed in enumerate(self.hashes, 1) if hashed in twice))


def duplicate_images(key: str) -> File:
    """Return the fold that finds a second line with the same image, named by the top-level ``key``."""

    def image_of(value: Any) -> str | None:
        image = value.get(key) if isinstance(value, dict) else None
        return image if isinstance(image, str) else None

    def add(state: _Images, n: int, raw: bytes, value: Any) -> None:
        if (image := image_of(value)) is not None:
            state.hashes.append(state.hash(image))

    def quick(root: Node, state: _Images) -> Kept | None:
        if key not in root.required or root.properties[key].types != ("string",):
            return None
        return Kept(attribute(key), state.hash, state.hashes.append)

    def again(state: _Images, n: int, value: Any) -> None:
        if (image := image_of(value)) is not None and (first := state.first.setdefault(image, n)) != n:
            state.again.append((n, first))

    def finish(state: _Images) -> Iterable[Hit]:
        for n, first in state.again:
            yield Hit((key,), f"the same image as in line {first}", n)

    return File(_Images, add, _Images.merge, finish, _Images.skip, _Images.doubts, again, quick, _Images.share)


@dataclass(slots=True)
class _Names:
    """The first place of every name seen."""

    first: dict[str, tuple[int, Path]] = field(default_factory=dict)


def first_places(
    names: Callable[[Any], Iterable[tuple[str, Path]]],
    message: Callable[[str, str, int], str],
    quick: Quick | None = None,
) -> File:
    """Return the fold that finds records of a second kind in a file that should hold one.

    ``names(value)`` yields the names of a record's kinds with their paths. Each further name is a hit
    at its first place, with ``message(name, first name, its line)``. ``quick`` is the cheap twin, see
    ``File``.
    """

    def add(state: _Names, n: int, raw: bytes, value: Any) -> None:
        for name, path in names(value):
            state.first.setdefault(name, (n, path))

    def merge(a: _Names, b: _Names, lines: int) -> _Names:
        for name, (n, path) in b.first.items():
            a.first.setdefault(name, (n + lines, path))
        return a

    def finish(state: _Names) -> Iterable[Hit]:
        ordered = sorted((n, path, name) for name, (n, path) in state.first.items())
        for n, path, name in ordered[1:]:
            first, _, other = ordered[0]
            yield Hit(path, message(name, other, first), n)

    return File(_Names, add, merge, finish, quick=quick)


def class_types(classes: Any, type_of: Any, quick: Quick | None = None) -> File:
    """Return the fold that finds classes of two types in one file.

    ``classes(value)`` yields (path, class) of a record, ``type_of(class)`` names its type, or
    returns None for what is no class at all. A record that mixes types in itself is passed over:
    another rule says so. ``quick`` is the cheap twin, see ``File``.
    """

    def types(value: Any) -> Iterable[tuple[str, Path]]:
        seen: dict[str, Path] = {}
        for path, label in classes(value):
            if name := type_of(label):
                seen.setdefault(name, path)
        return seen.items() if len(seen) == 1 else ()

    def message(name: str, other: str, line: int) -> str:
        return f"classes are of type {name} here and of type {other} in line {line}"

    return first_places(types, message, quick)


def lines_with(find: Callable[[bytes, Any], Iterator[Hit]], only_over: int) -> File:
    """Return the fold of what is seen of a line by itself, as it stands in the file: ``find(raw, value)``.

    ``only_over`` is how many bytes a line may have without there being anything to see.
    """

    def add(state: list[Hit], n: int, raw: bytes, value: Any) -> None:
        state.extend(hit._replace(line=n) for hit in find(raw, value))

    def merge(a: list[Hit], b: list[Hit], lines: int) -> list[Hit]:
        return [*a, *(hit._replace(line=hit.line + lines) for hit in b)]

    return File(list, add, merge, iter, only_over=only_over)


@dataclass(slots=True)
class _Objects:
    background: int = 0
    seen: bool = False


def all_background(objects: Any, quick: Quick | None = None) -> File:
    """Return the fold that finds a file with records and no object in any of them.

    ``objects(value)`` returns the list of objects of a record, None where it is no list. ``quick`` is
    the cheap twin, see ``File``.
    """

    def add(state: _Objects, n: int, raw: bytes, value: Any) -> None:
        found = objects(value)
        if found or value is None:  # a line that is no JSON may have meant an object
            state.seen = True
        elif found is not None and not state.background:
            state.background = n

    def merge(a: _Objects, b: _Objects, lines: int) -> _Objects:
        background = a.background or (b.background and b.background + lines)
        return _Objects(background, a.seen or b.seen)

    def finish(state: _Objects) -> Iterable[Hit]:
        if state.background and not state.seen:
            yield Hit(("label",), "no record of this file has an object: all are background images", state.background)

    return File(_Objects, add, merge, finish, quick=quick)
