"""Rules over all records of a training file, as folds: duplicate images, class types, background."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pytest_visionfmt.format import File, Hit
from pytest_visionfmt.json_paths import Path

__all__ = ["all_background", "class_types", "duplicate_images"]


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
class _Types:
    """The first place of every class type seen, and the first line that differs from the first type."""

    first: dict[str, tuple[int, Path]] = field(default_factory=dict)


def class_types(classes: Any, type_of: Any) -> File:
    """Return the fold that finds classes of two types in one file.

    ``classes(value)`` yields (path, class) of a record, ``type_of(class)`` names its type, or
    returns None for what is no class at all. A record that mixes types in itself is passed over:
    another rule says so.
    """

    def add(state: _Types, n: int, raw: bytes, value: Any) -> None:
        seen: dict[str, Path] = {}
        for path, label in classes(value):
            if name := type_of(label):
                seen.setdefault(name, path)
        if len(seen) == 1:
            for name, path in seen.items():
                state.first.setdefault(name, (n, path))

    def merge(a: _Types, b: _Types, lines: int) -> _Types:
        for name, (n, path) in b.first.items():
            a.first.setdefault(name, (n + lines, path))
        return a

    def finish(state: _Types) -> Iterable[Hit]:
        ordered = sorted((n, path, name) for name, (n, path) in state.first.items())
        for n, path, name in ordered[1:]:
            first, _, other = ordered[0]
            yield Hit(path, f"classes are of type {name} here and of type {other} in line {first}", n)

    return File(_Types, add, merge, finish)


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
