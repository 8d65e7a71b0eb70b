"""Rules over all records of a file, as folds: duplicate images, class types, background, long lines."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, TypeAlias
from zlib import crc32

from pytest_visionfmt.format import File, Hit
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_nodes import Node, attribute

__all__ = ["all_background", "class_types", "duplicate_images", "first_places", "lines_with"]


Quick: TypeAlias = Callable[[Node, Any], Callable[[int, Any], Any] | None]
_NO_IMAGE = -1
_MOST_AT_ONCE = 400_000


def _none_yet() -> array[int]:
    return array("q")


@dataclass(slots=True)
class _Images:
    """One number for every line: the checksum of its image's name, or ``_NO_IMAGE``.

    A checksum depends on nothing but the name, so that parts made by several processes merge. That two
    are equal is only a doubt; ``first`` and ``again`` are filled from the lines in doubt, read again.
    """

    checksums: array[int] = field(default_factory=_none_yet)
    first: dict[str, int] = field(default_factory=dict)
    again: list[tuple[int, int]] = field(default_factory=list)

    def skip(self, lines: int) -> None:
        """Note that no other line up to line ``lines`` has an image."""
        if (missing := lines - len(self.checksums)) > 0:
            self.checksums.extend(repeat(_NO_IMAGE, missing))

    def doubts(self) -> array[int]:
        """Return the lines whose checksum stands in another line as well."""
        shares = len(self.checksums) // _MOST_AT_ONCE + 1
        twice: set[int] = set()
        for share in range(shares):  # a set of all would take ten times the memory of the checksums
            some: Sequence[int] = self.checksums
            if shares > 1:
                some = [checksum for checksum in self.checksums if checksum % shares == share]
            distinct = set(some)
            distinct.discard(_NO_IMAGE)
            if len(distinct) + some.count(_NO_IMAGE) < len(some):
                for checksum in some:
                    if checksum in distinct:
                        distinct.remove(checksum)
                    else:
                        twice.add(checksum)
        twice.discard(_NO_IMAGE)
        if not twice:
            return _none_yet()
        return array("q", (n for n, checksum in enumerate(self.checksums, 1) if checksum in twice))


def duplicate_images(key: str) -> File:
    """Return the fold that finds a second line with the same image, named by the top-level ``key``."""

    def image_of(value: Any) -> str | None:
        image = value.get(key) if isinstance(value, dict) else None
        return image if isinstance(image, str) else None

    def add(state: _Images, n: int, raw: bytes, value: Any) -> None:
        if (image := image_of(value)) is not None:
            state.checksums.append(crc32(image.encode()))

    def quick(root: Node, state: _Images) -> Callable[[int, Any], Any] | None:
        if key not in root.required or root.properties[key].types != ("string",):
            return None
        # Written out, the attribute costs a tenth of what it costs through attrgetter.
        names = {"append": state.checksums.append, "crc32": crc32}
        add_decoded: Callable[[int, Any], Any] = eval(
            f"lambda n, record: append(crc32(record.{attribute(key)}.encode()))", names
        )
        return add_decoded

    def merge(a: _Images, b: _Images, lines: int) -> _Images:
        a.skip(lines)
        a.checksums.extend(b.checksums)
        return a

    def again(state: _Images, n: int, value: Any) -> None:
        if (image := image_of(value)) is not None and (first := state.first.setdefault(image, n)) != n:
            state.again.append((n, first))

    def finish(state: _Images) -> Iterable[Hit]:
        for n, first in state.again:
            yield Hit((key,), f"the same image as in line {first}", n)

    return File(_Images, add, merge, finish, _Images.skip, _Images.doubts, again, quick)


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


def lines_with(find: Callable[[bytes, Any], Iterator[Hit]]) -> File:
    """Return the fold of what is seen of a line by itself, as it stands in the file: ``find(raw, value)``."""

    def add(state: list[Hit], n: int, raw: bytes, value: Any) -> None:
        state.extend(hit._replace(line=n) for hit in find(raw, value))

    def merge(a: list[Hit], b: list[Hit], lines: int) -> list[Hit]:
        return [*a, *(hit._replace(line=hit.line + lines) for hit in b)]

    return File(list, add, merge, iter)


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
