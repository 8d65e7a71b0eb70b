"""What a format may be able to say of a picture: a facet each, which comparisons keep or leave out."""

from __future__ import annotations

from collections.abc import Collection

from pytest_visionfmt.format import Format
from pytest_visionfmt.schema_nodes import nodes_of

__all__ = ["FACETS", "check_losses", "facets_of", "keys_of"]

FACETS = frozenset({"crowd", "folders", "size", "polygon", "holes", "empty-images", "difficult", "score", "format"})
"""What a format may be able to say of a picture, and a converter may be allowed to lose."""

_FACETS = {
    "isCrowd": "crowd", "iscrowd": "crowd", "polygon": "polygon", "score": "score", "confidence": "score",
    "width": "size", "format": "format", "image_url": "folders", "source-ref": "folders",
}  # fmt: skip


def keys_of(format_: Format) -> set[str]:
    """Return every key that a format documents, wherever it stands."""
    return {site.rpartition(".")[2] for site, _ in nodes_of(format_, "documented").walk()}


def facets_of(format_: Format) -> frozenset[str]:
    """Return what a format can say of a picture, by the keys of its schema."""
    keys = keys_of(format_)
    return frozenset(facet for key, facet in _FACETS.items() if key in keys)


def check_losses(losses: Collection[str]) -> frozenset[str]:
    """Return the facets named as losses. Raises ``ValueError`` for one that there is not."""
    if unknown := sorted(set(losses) - FACETS):
        raise ValueError(f"unknown loss {unknown[0]!r}: choose from {', '.join(sorted(FACETS))}")
    return frozenset(losses)
