"""What a format may be able to say of a picture: a facet each, which comparisons keep or leave out."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from pytest_visionfmt.format import Format
from pytest_visionfmt.schema_nodes import nodes_of

__all__ = ["FACETS", "check_losses", "facets_of", "keys_of"]

FACETS = frozenset({"crowd", "folders", "size", "polygon", "holes", "empty-images", "difficult", "score", "format"})
"""What a format may be able to say of a picture, and a converter may be allowed to lose."""

_FACETS = {
    "isCrowd": "crowd", "iscrowd": "crowd", "polygon": "polygon", "score": "score", "confidence": "score",
    "Confidence": "score", "probs": "score", "width": "size", "format": "format", "image_url": "folders",
    "source-ref": "folders",
}  # fmt: skip


def keys_of(format_: Format) -> set[str]:
    """Return every key that a format documents, wherever it stands."""
    return {key for _, node in nodes_of(format_, "documented").walk() for key in node.properties}


@lru_cache(maxsize=64)
def facets_of(format_: Format) -> frozenset[str]:
    """Return what a format can say of a picture, by the keys of its schema."""
    keys = keys_of(format_)
    found = frozenset(facet for key, facet in _FACETS.items() if key in keys)
    return found if "score" in found and _are_scored(format_) else found - {"score"}


def _are_scored(format_: Format) -> bool:
    """Whether the scores that a format has are of what it shows; predictions beside a ground truth are not."""
    if format_.read is None:
        return True
    examples = format_.schema("documented").get("examples", [])[:1]
    return all(item.score is not None for value in examples for image in format_.read(value) for item in image.objects)


def check_losses(losses: Collection[str]) -> frozenset[str]:
    """Return the facets named as losses. Raises ``ValueError`` for one that there is not."""
    if unknown := sorted(set(losses) - FACETS):
        raise ValueError(f"unknown loss {unknown[0]!r}: choose from {', '.join(sorted(FACETS))}")
    return frozenset(losses)
