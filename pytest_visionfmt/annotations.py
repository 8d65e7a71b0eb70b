"""What a picture shows, whatever the format that says so."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_visionfmt.json_paths import Path

__all__ = ["AnnotatedImage", "AnnotatedObject", "Box", "ImageClaim", "Polygon"]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as ratios of the image's width and height."""
Polygon = tuple[float, ...]
"""One segment ``x1, y1, x2, y2, ...`` of an outline, as ratios of the image's width and height."""


@dataclass(frozen=True, slots=True)
class AnnotatedObject:
    """One object of a picture, or one class that the whole picture is said to be of.

    ``box`` is None for a label of the whole image, and ``polygons`` empty where there is no outline.
    ``crowd`` and ``difficult`` are None where the format, or the record, does not say. ``score`` is
    the confidence of a prediction in [0, 1], None for what people annotated.
    """

    label: str | int
    box: Box | None = None
    polygons: tuple[Polygon, ...] = ()
    crowd: bool | None = None
    difficult: bool | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class AnnotatedImage:
    """One picture: its name as the record gives it, its size in pixels, its type, and its objects.

    All but ``objects`` are None where the record does not say.
    """

    name: str | None = None
    width: int | None = None
    height: int | None = None
    type: str | None = None
    objects: tuple[AnnotatedObject, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageClaim:
    """What a record, valid or not, says of the file of its image, and at which paths it says so.

    All but ``url`` and ``url_at`` are left out where the record does not say, or not in a way to understand.
    """

    url: str
    url_at: Path
    width: int | None = None
    width_at: Path = ()
    height: int | None = None
    height_at: Path = ()
    type: str | None = None
    type_at: Path = ()
