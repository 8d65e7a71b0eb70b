"""How far numbers may be from those they stand for: pixels, since that is what people see."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EXACT", "Tolerance", "px"]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A distance in pixels, and the ratio of the image that it comes to where no size is known."""

    pixels: float
    ratio: float

    def words(self, *, sized: bool) -> str:
        """Return the tolerance in words, as it applies with or without a size."""
        return f"{self.pixels:g} px" if sized else f"{self.ratio:g} of the image, whose size nobody says"

    def twice(self) -> Tolerance:
        """Return the tolerance of what goes through two roundings."""
        return Tolerance(2 * self.pixels, 2 * self.ratio)


EXACT = Tolerance(1e-6, 1e-9)
"""What the same arithmetic may differ by when it is done in another order."""


def px(pixels: float, *, ratio: float | None = None) -> Tolerance:
    """Return a tolerance in pixels.

    ``ratio`` is what counts where the size of an image is not known: by default a thousandth of the image
    for each pixel. Raises ``ValueError`` for a negative one.
    """
    ratio = pixels / 1000 if ratio is None else ratio
    if pixels < 0 or ratio < 0:
        raise ValueError(f"a tolerance of {pixels} pixels or {ratio} of the image is negative")
    return Tolerance(pixels, ratio)
