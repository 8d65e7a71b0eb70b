"""Rules over all records of a file, as folds: duplicate images, class types, background, long lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pytest_visionfmt.format import File, Hit
from pytest_visionfmt.json_paths import Path

__all__ = ["all_background", "class_types", "duplicate_images", "first_places", "lines_with"]


@dataclass(slots=True)
class _Images:
    first: dict[str, int] = field(default_factory=dict)
    again: list[tuple[int, str]] = field(default_factory=list)


def duplicate_images(key: str) -> File:
    """Return the fold that finds a second line with the same image, named by the top-level ``key``."""

    def add(state: _Images, n: int, raw: bytes, value: Any) -> None:
        image = value.get(key) if isinstance(value, dict) else None
        if isinstance(image, str) and state.first.setdefault(image, n) != n:
            state.again.append((n, image))

    def merge(a: _Images, b: _Images, lines: int) -> _Images:
        again = [*a.again, *((n + lines, image) for n, image in b.again)]
        for image, n in b.first.items():
            if a.first.setdefault(image, n + lines) != n + lines:
                again.append((n + lines, image))
        return _Images(a.first, sorted(again))

    def finish(state: _Images) -> Iterable[Hit]:
        for n, image in state.again:
            yield Hit((key,), f"the same image as in line {state.first[image]}", n)

    return File(_Images, add, merge, finish)


@dataclass(slots=True)
class _Names:
    """The first place of every name seen."""

    first: dict[str, tuple[int, Path]] = field(default_factory=dict)


def first_places(names: Callable[[Any], Iterable[tuple[str, Path]]], message: Callable[[str, str, int], str]) -> File:
    """Return the fold that finds records of a second kind in a file that should hold one.

    ``names(value)`` yields the names of a record's kinds with their paths. Each further name is a hit
    at its first place, with ``message(name, first name, its line)``.
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

    return File(_Names, add, merge, finish)


def class_types(classes: Any, type_of: Any) -> File:
    """Return the fold that finds classes of two types in one file.

    ``classes(value)`` yields (path, class) of a record, ``type_of(class)`` names its type, or
    returns None for what is no class at all. A record that mixes types in itself is passed over:
    another rule says so.
    """

    def types(value: Any) -> Iterable[tuple[str, Path]]:
        seen: dict[str, Path] = {}
        for path, label in classes(value):
            if name := type_of(label):
                seen.setdefault(name, path)
        return seen.items() if len(seen) == 1 else ()

    return first_places(
        types, lambda name, other, line: f"classes are of type {name} here and of type {other} in line {line}"
    )


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


def all_background(objects: Any) -> File:
    """Return the fold that finds a file with records and no object in any of them.

    ``objects(value)`` returns the list of objects of a record, None where it is no list.
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

    return File(_Objects, add, merge, finish)
