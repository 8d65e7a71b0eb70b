"""Image files of a given size: what stands beside annotations in the folder form."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_image"]

_TYPES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


def write_image(path: Path, width: int | None, height: int | None) -> None:
    """Write a grey image of the type that the name says, PNG where it says none; one pixel without a size."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (width or 1, height or 1), 128).save(path, _TYPES.get(path.suffix.lower(), "PNG"))
