"""What two readings of the same pictures say differently, in words: the oracle of every law."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TypeAlias
from urllib.parse import unquote

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.comparing_objects import Difference, Terms, number_of, objects_differ

__all__ = ["Difference", "Terms", "differences", "image_differences", "image_name", "paired"]

_ALIKE = ({"jpg", "jpeg", "jpe", "jfif"}, {"tif", "tiff"})
_KNOWN_TYPES = frozenset({"jpg", "jpeg", "jpe", "jfif", "png", "bmp", "tif", "tiff"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/*")


def differences(
    expected: Sequence[AnnotatedImage], found: Sequence[AnnotatedImage], terms: Terms
) -> Iterator[Difference]:
    """Yield what ``found`` says otherwise than ``expected``, in the order of that."""
    pairs = paired(expected, found, terms)
    if isinstance(pairs, Difference):
        yield pairs
        return
    for before, after in pairs:
        if after is None:
            assert before
            objects = number_of(len(before.objects), "object")
            yield Difference("image-lost", f"{image_name(before)}: the image is lost, with {objects}")
        elif before is None:
            yield Difference("image-invented", f"{image_name(after)}: there is no such image in the source")
        else:
            yield from image_differences(before, after, terms)
            yield from _shown(before, after, terms)


def image_name(image: AnnotatedImage) -> str:
    """Return how to speak of an image."""
    return repr(image.name) if image.name is not None else "the image"


# Which image is which.


def _spellings(name: str | None) -> list[tuple[str, ...]]:
    """Return the parts of a path, as they stand and as a URL would mean them."""
    plain = _SCHEME.sub("", name or "", count=1)
    return [tuple(text.split("/")) for text in dict.fromkeys((plain, unquote(plain)))]


def _shared(a: AnnotatedImage, b: AnnotatedImage) -> int:
    """Return how many parts of their paths two images share, counted from the end."""
    return max(_suffix(x, y) for x in _spellings(a.name) for y in _spellings(b.name))


_Score: TypeAlias = tuple[bool, int]
"""How well two images go together: whether the whole of the name is shared, and how much of it."""


def _likely(expected: Sequence[AnnotatedImage], found: Sequence[AnnotatedImage]) -> dict[_Score, dict[int, list[int]]]:
    """Return by how well they go together which images share the end of their names at all, those found in order."""
    ending: dict[str, list[int]] = {}
    for j, after in enumerate(found):
        for last in {parts[-1] for parts in _spellings(after.name)}:
            ending.setdefault(last, []).append(j)
    likely: dict[_Score, dict[int, list[int]]] = {}
    for i, before in enumerate(expected):
        needed = _needed(before.name or "")
        for j in sorted({j for parts in _spellings(before.name) for j in ending.get(parts[-1], ())}):
            shared = _shared(before, found[j])
            likely.setdefault((shared >= needed, shared), {}).setdefault(i, []).append(j)
    return likely


def _suffix(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    count = 0
    for x, y in zip(reversed(a), reversed(b), strict=False):
        if x != y:
            break
        count += 1
    return count


def paired(
    expected: Sequence[AnnotatedImage], found: Sequence[AnnotatedImage], terms: Terms
) -> list[tuple[AnnotatedImage | None, AnnotatedImage | None]] | Difference:
    """Return which image is which, None where there is no such on the other side; or that names do not tell.

    By name, images go together that share the longest end of their paths, whole names and those that share
    most first.
    """
    if terms.by_place:
        return list(zip_longest(expected, found))
    likely = _likely(expected, found)
    left, right = set(range(len(expected))), set(range(len(found)))
    pairs: list[tuple[int, int]] = []
    for score in sorted(likely, reverse=True):
        choices = likely[score]
        rivals_of: dict[int, list[int]] = {}
        for i, others in choices.items():
            for j in others:
                rivals_of.setdefault(j, []).append(i)
        for i in sorted(left & choices.keys()):
            candidates = [j for j in choices[i] if j in right]
            if not candidates:
                continue
            rivals = sorted({k for j in candidates for k in rivals_of[j] if k != i and k in left})
            if rivals or len(candidates) > 1:
                if "folders" not in terms.losses:
                    names = sorted({str(found[j].name) for j in candidates})
                    wanted = sorted({str(expected[k].name) for k in [i, *rivals]})
                    return Difference("names-collide", f"names collide: {names} could be any of {wanted}")
                best = min(candidates, key=lambda j: _how_many(expected[i], found[j], terms))
                candidates = [best]
            pairs.append((i, candidates[0]))
            left.discard(i)
            right.discard(candidates[0])
    lost = [expected[i] for i in sorted(left) if expected[i].objects or terms.compares("empty-images")]
    return [
        *((image, None) for image in lost),
        *((expected[i], found[j]) for i, j in sorted(pairs)),
        *((None, found[j]) for j in sorted(right)),
    ]


def _how_many(before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> int:
    return sum(1 for _ in (*_facts(before, after, terms), *_shown(before, after, terms)))


def _needed(name: str) -> int:
    """Return how many parts at the end of a name say which image it is: of a URL those within the datastore."""
    if "://" not in name:
        return len(name.split("/"))
    _, paths, rest = name.partition("/paths/")
    return len(rest.split("/")) if paths else 1


# One image.


def image_differences(before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    """Yield how an image differs in its name, its size and its type."""
    if before.name is not None and after.name is not None:
        shared = _shared(before, after)
        message = f"{image_name(before)}: came out as {after.name!r}"
        if not shared:
            yield Difference("name-changed", message, "name", before.name, after.name)
        elif terms.compares("folders") and shared < _needed(before.name):
            yield Difference("folder-lost", f"{message}, without its folder", "name", before.name, after.name)
    yield from _facts(before, after, terms)


def _facts(before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    name = image_name(before)
    if terms.compares("size"):
        yield from _size(name, before, after, terms)
    if "format" in terms.facets or (before.type is None and not terms.sizes_told):
        yield from _type(name, before, after, terms)


def _shown(before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    name = image_name(before)
    return objects_differ(name, before, after, terms) if terms.boxes else _classes(name, before, after)


def _size(name: str, before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    for what, a, b in (("width", before.width, after.width), ("height", before.height, after.height)):
        if a is None and b is not None and not terms.sizes_told:
            yield Difference("size-invented", f"{name}: the source says no {what}, and it came out as {b}", what, a, b)
        elif a is not None and b is None:
            yield Difference("size-lost", f"{name}: the {what} {a} is lost", what, a, b)
        elif a != b and a is not None:
            yield Difference("size-changed", f"{name}: the {what} was {a} and came out as {b}", what, a, b)


def _type(name: str, before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    wanted = before.type
    if after.type is None:
        if wanted is not None and terms.compares("format"):
            yield Difference("type-lost", f"{name}: the type {wanted!r} is lost", "type", wanted)
        return
    if wanted is None:
        extension = (before.name or "").rpartition(".")[2].lower()
        if extension not in _KNOWN_TYPES:
            return
        wanted = extension
    a, b = wanted.lower(), after.type.lower()
    if a != b and not any({a, b} <= alike for alike in _ALIKE):
        message = f"{name}: its type is {wanted!r} and came out as {after.type!r}"
        yield Difference("type-changed", message, "type", wanted, after.type)


def _classes(name: str, before: AnnotatedImage, after: AnnotatedImage) -> Iterator[Difference]:
    wanted = list(dict.fromkeys(item.label for item in before.objects))
    got = list(dict.fromkeys(item.label for item in after.objects))
    for label in wanted:
        if label not in got:
            yield Difference("class-lost", f"{name}: the class {label!r} is lost; there came out {got}")
    for label in got:
        if label not in wanted:
            yield Difference(
                "class-invented", f"{name}: the class {label!r} came out, and there is none such: {wanted}"
            )
