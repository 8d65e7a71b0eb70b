"""The rules of image files (VF2xx): what a record says of its image, against the file that is there.

They are asked only where images are checked. Formats say in their verdicts what their service does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import Hit, Image, Judgement, Parsed, Rule, Verdict
from pytest_visionfmt.image_facts import SeenImage, type_of
from pytest_visionfmt.values import show

__all__ = ["IMAGE_LIMIT_RULES", "IMAGE_RULES", "ORPHANED"]

ORPHANED = "orphaned-image"
_SIDEWAYS = (5, 6, 7, 8)


def _lost(why: str) -> Callable[[Any, SeenImage], Iterator[Hit]]:
    def find(value: Any, image: SeenImage) -> Iterator[Hit]:
        if image.lost == why:
            yield Hit(image.claim.url_at, image.message)

    return find


def _problem(kind: str) -> Callable[[Any, SeenImage], Iterator[Hit]]:
    def find(value: Any, image: SeenImage) -> Iterator[Hit]:
        if image.problem and image.problem.kind == kind:
            yield Hit(image.claim.url_at, f"the image cannot be decoded: {image.problem.message}")

    return find


def _type_mismatch(value: Any, image: SeenImage) -> Iterator[Hit]:
    claimed, facts = image.claim.type, image.facts
    if facts and claimed is not None and type_of(claimed) != facts.type:
        yield Hit(image.claim.type_at, f"the format is said to be {show(claimed)}; the image is {facts.type}")


def _ending_mismatch(value: Any, image: SeenImage) -> Iterator[Hit]:
    _, dot, ending = image.claim.url.rpartition(".")
    named = type_of(ending) if dot else None
    if named and image.facts and named != image.facts.type and not any(_type_mismatch(value, image)):
        yield Hit(image.claim.url_at, f"the name ends in {show(dot + ending)}; the image is {image.facts.type}")


def _is_turned(image: SeenImage) -> bool:
    """Whether the record gives the size that the image has once its EXIF orientation is followed."""
    facts, claim = image.facts, image.claim
    return bool(facts and facts.orientation in _SIDEWAYS and (claim.width, claim.height) == (facts.height, facts.width))


def _size_mismatch(value: Any, image: SeenImage) -> Iterator[Hit]:
    facts, claim = image.facts, image.claim
    if facts is None or _is_turned(image):
        return
    for side, claimed, path, real in (
        ("width", claim.width, claim.width_at, facts.width),
        ("height", claim.height, claim.height_at, facts.height),
    ):
        if claimed is not None and claimed != real:
            message = f"the {side} is said to be {claimed}; the image is {facts.width} x {facts.height} pixels"
            yield Hit(path, message)


def _orientation(value: Any, image: SeenImage) -> Iterator[Hit]:
    if image.facts and image.facts.orientation != 1:
        how = ", and its size is given as if it had been turned" if _is_turned(image) else ""
        message = f"EXIF orientation {image.facts.orientation}: some programs turn or mirror the image, others do not"
        yield Hit(image.claim.url_at, f"{message}{how}")


def _type_not_taken(value: Any, image: SeenImage) -> Iterator[Hit]:
    if image.facts and image.limits and image.limits.endings:
        taken = list(dict.fromkeys(filter(None, map(type_of, image.limits.endings))))
        if image.facts.type not in taken:
            yield Hit(image.claim.url_at, f"the image is {image.facts.type}; {' or '.join(taken)} is wanted")


def _size_not_taken(value: Any, image: SeenImage) -> Iterator[Hit]:
    facts, limits = image.facts, image.limits
    if not facts or not limits:
        return
    if min(facts.width, facts.height) < limits.min_side:
        bound = f"{limits.min_side} are the least of a side"
    elif limits.max_side is not None and max(facts.width, facts.height) > limits.max_side:
        bound = f"{limits.max_side} are the most of a side"
    else:
        return
    yield Hit(image.claim.url_at, f"the image is {facts.width} x {facts.height} pixels; {bound}")


def _file_too_large(value: Any, image: SeenImage) -> Iterator[Hit]:
    most = image.limits.max_bytes if image.limits else None
    if most is not None and image.size > most:
        yield Hit(image.claim.url_at, f"the image's file has {image.size} bytes; {most} are the most")


_UNKNOWN = Judgement(Severity.ERROR, Reaction.UNKNOWN, Evidence.INFERRED)
_ERROR = Verdict(_UNKNOWN, _UNKNOWN)


def _warning(reaction: Reaction, says: str, *, by_reader: bool = True) -> Verdict:
    judgement = Judgement(Severity.WARNING, reaction, Evidence.INFERRED, says)
    return Verdict(judgement, judgement if by_reader else None)


def _rule(code: str, name: str, title: str, source: str, verdict: Verdict, find: Any) -> Rule:
    look: Image | Parsed = Image(find) if callable(find) else Parsed(find)
    return Rule(code, name, title, source, verdict, look)


_FILES = "the files below the folder of images"
_PILLOW = "Pillow, which is what most readers decode with"
_RECORD = "the record, against the image"

IMAGE_RULES: tuple[Rule, ...] = (
    _rule("VF201", "image-missing", "A record's image is not there.", _FILES, _ERROR, _lost("missing")),
    _rule("VF202", "image-unreadable", "A record's image is no image, or is damaged.", _PILLOW, _ERROR,
          _problem("unreadable")),
    _rule("VF203", "image-truncated", "A record's image is cut short.", _PILLOW, _ERROR, _problem("truncated")),
    _rule("VF204", "image-type-mismatch", "The record gives another type than its image is of.", _RECORD, _ERROR,
          _type_mismatch),
    _rule("VF205", "image-ending-mismatch", "The image's name has the ending of another type.", _RECORD,
          _warning(Reaction.ACCEPTED, "readers that go by the bytes accept it", by_reader=False), _ending_mismatch),
    _rule("VF206", "image-size-mismatch", "The record gives another size than its image has.", _RECORD, _ERROR,
          _size_mismatch),
    _rule("VF207", "image-orientation", "The image has an EXIF orientation, so that programs differ in how it lies.",
          "CIPA DC-008, Exchangeable image file format (Exif), tag Orientation",
          _warning(Reaction.UNKNOWN, "whether boxes are taken to be of the image as stored or as turned is not known"),
          _orientation),
    _rule("VF208", "image-ambiguous", "Two files have the name of a record's image, in two Unicode forms.", _FILES,
          _warning(Reaction.UNKNOWN, "which of the two is meant is not known; neither was looked at"),
          _lost("ambiguous")),
    _rule("VF209", "image-outside-root", "The URL's path leads out of the folder of images, or is no name of a file.",
          _FILES, _ERROR, _lost("outside")),
    _rule("VF210", ORPHANED, "Images lie beside those of the records, and no record names them.", _FILES,
          _warning(Reaction.ACCEPTED, "what no record names is not used"), ORPHANED),
)  # fmt: skip

_TAKEN = "the limits of the format, against the image"

IMAGE_LIMIT_RULES: tuple[Rule, ...] = (
    _rule("VF211", "image-type-not-taken", "An image is of a type that the service does not take.", _TAKEN, _ERROR,
          _type_not_taken),
    _rule("VF212", "image-size-not-taken", "A side of an image is shorter or longer than the service takes.", _TAKEN,
          _ERROR, _size_not_taken),
    _rule("VF213", "image-file-too-large", "The file of an image is larger than the service takes.", _TAKEN, _ERROR,
          _file_too_large),
)  # fmt: skip
"""What a format with ``image_limits`` has beside the others."""
