"""The label taxonomies of Amazon Rekognition's moderation models: names, what stands below what, levels.

Names only: what a label means is for AWS's pages to say. A name need not be unique: 6.1 has
``Gambling`` at two levels, and ``Explicit Nudity`` changed its level between the versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

__all__ = ["LATEST", "TAXONOMIES", "TAXONOMY_PAGE", "ModerationLabel", "top_level"]

TAXONOMY_PAGE = (
    'Amazon Rekognition Developer Guide, "Using the image and video moderation APIs", '
    "https://docs.aws.amazon.com/rekognition/latest/dg/moderation-api.html"
)

# Top level, second level, third level. That of 7.0 is the table of the page; that of 6.1 is no longer
# on any page, and comes from AWS's own samples on moving to 7.0.
_TREES: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "7.0": {
        "Explicit": {
            "Explicit Nudity": (
                "Exposed Male Genitalia",
                "Exposed Female Genitalia",
                "Exposed Buttocks or Anus",
                "Exposed Female Nipple",
            ),
            "Explicit Sexual Activity": (),
            "Sex Toys": (),
        },
        "Non-Explicit Nudity of Intimate parts and Kissing": {
            "Non-Explicit Nudity": (
                "Bare Back",
                "Exposed Male Nipple",
                "Partially Exposed Buttocks",
                "Partially Exposed Female Breast",
                "Implied Nudity",
            ),
            "Obstructed Intimate Parts": ("Obstructed Female Nipple", "Obstructed Male Genitalia"),
            "Kissing on the Lips": (),
        },
        "Swimwear or Underwear": {
            "Female Swimwear or Underwear": (),
            "Male Swimwear or Underwear": (),
        },
        "Violence": {
            "Weapons": (),
            "Graphic Violence": (
                "Weapon Violence",
                "Physical Violence",
                "Self-Harm",
                "Blood & Gore",
                "Explosions and Blasts",
            ),
        },
        "Visually Disturbing": {
            "Death and Emaciation": ("Emaciated Bodies", "Corpses"),
            "Crashes": ("Air Crash",),
        },
        "Drugs & Tobacco": {
            "Products": ("Pills",),
            "Drugs & Tobacco Paraphernalia & Use": ("Smoking",),
        },
        "Alcohol": {
            "Alcohol Use": ("Drinking",),
            "Alcoholic Beverages": (),
        },
        "Rude Gestures": {
            "Middle Finger": (),
        },
        "Gambling": {},
        "Hate Symbols": {
            "Nazi Party": (),
            "White Supremacy": (),
            "Extremist": (),
        },
    },
    "6.1": {
        "Explicit Nudity": {
            "Nudity": (),
            "Graphic Male Nudity": (),
            "Graphic Female Nudity": (),
            "Sexual Activity": (),
            "Illustrated Explicit Nudity": (),
            "Adult Toys": (),
        },
        "Suggestive": {
            "Female Swimwear Or Underwear": (),
            "Male Swimwear Or Underwear": (),
            "Partial Nudity": (),
            "Barechested Male": (),
            "Revealing Clothes": (),
            "Sexual Situations": (),
        },
        "Violence": {
            "Graphic Violence Or Gore": (),
            "Physical Violence": (),
            "Weapon Violence": (),
            "Weapons": (),
            "Self Injury": (),
        },
        "Visually Disturbing": {
            "Emaciated Bodies": (),
            "Corpses": (),
            "Hanging": (),
            "Air Crash": (),
            "Explosions And Blasts": (),
        },
        "Rude Gestures": {
            "Middle Finger": (),
        },
        "Drugs": {
            "Drug Products": (),
            "Drug Use": (),
            "Pills": (),
            "Drug Paraphernalia": (),
        },
        "Tobacco": {
            "Tobacco Products": (),
            "Smoking": (),
        },
        "Alcohol": {
            "Drinking": (),
            "Alcoholic Beverages": (),
        },
        "Gambling": {
            "Gambling": (),
        },
        "Hate Symbols": {
            "Nazi Party": (),
            "White Supremacy": (),
            "Extremist": (),
        },
    },
}


class ModerationLabel(NamedTuple):
    """One row of a taxonomy, as responses name it; ``parent`` is empty at the top level."""

    name: str
    parent: str
    level: int


def _rows(tree: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Iterator[ModerationLabel]:
    for first, seconds in tree.items():
        yield ModerationLabel(first, "", 1)
        for second, thirds in seconds.items():
            yield ModerationLabel(second, first, 2)
            yield from (ModerationLabel(third, second, 3) for third in thirds)


TAXONOMIES: Mapping[str, tuple[ModerationLabel, ...]] = {
    version: tuple(_rows(tree)) for version, tree in _TREES.items()
}
"""The labels of every version known here, the latest first, a parent before what stands below it."""
LATEST = next(iter(TAXONOMIES))


def top_level(version: str = LATEST) -> tuple[str, ...]:
    """Return the names of the top-level labels of a version, which are those that ground truth may name."""
    return tuple(_TREES[version])
