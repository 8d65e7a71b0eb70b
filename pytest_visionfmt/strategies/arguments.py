"""What the arguments of strategies are checked for, when a strategy is first drawn from.

Every check raises ``InvalidArgument`` and names the values, both where two contradict each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.format import PROFILES

__all__ = [
    "check_attribution_size",
    "check_bounds",
    "check_choice",
    "check_choices",
    "check_classes",
    "check_details",
    "check_enough_labels",
    "check_grid",
    "check_profile",
    "check_strategies",
    "check_threshold",
]


def check_profile(profile: str) -> None:
    """Take the names of profiles only."""
    if profile not in PROFILES:
        raise InvalidArgument(f"profile={profile!r} is neither of {', '.join(map(repr, PROFILES))}")


def check_bounds(low_name: str, low: int, high_name: str, high: int, *, least: int = 0) -> None:
    """Take two integers from ``least`` on, 0 or 1, the first not larger than the second."""
    for name, bound in ((low_name, low), (high_name, high)):
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise InvalidArgument(f"{name}={bound!r} is not an integer")
    if low < 0:
        raise InvalidArgument(f"{low_name}={low} is negative")
    if low < least:
        raise InvalidArgument(f"{low_name}={low} is less than {least}")
    if low > high:
        raise InvalidArgument(f"{low_name}={low} is larger than {high_name}={high}")


def check_strategies(**strategies: st.SearchStrategy[Any] | None) -> None:
    """Take strategies, and None for what is not asked for."""
    for name, strategy in strategies.items():
        if strategy is not None and not isinstance(strategy, st.SearchStrategy):
            raise InvalidArgument(f"{name}={strategy!r} is not a strategy; st.just({strategy!r}) would be one")


def check_choices(**choices: bool | None) -> None:
    """Take True, False or None."""
    for name, chosen in choices.items():
        if chosen is not None and not isinstance(chosen, bool):
            raise InvalidArgument(f"{name}={chosen!r} is neither of True, False, None")


def check_choice(name: str, value: str, known: Iterable[str]) -> None:
    """Take one of some words only."""
    if value not in tuple(known):
        raise InvalidArgument(f"{name}={value!r} is none of {', '.join(map(repr, known))}")


def check_enough_labels(least: int, names: int, taxonomy: str) -> None:
    """Take no more labels than there are to choose from, where none is to be twice in a record."""
    if least > names:
        raise InvalidArgument(
            f"min_labels={least} is larger than the number of top-level labels, {names}, of taxonomy={taxonomy!r}"
        )


def check_details(with_details: bool | None, image_sizes: st.SearchStrategy[Any] | None) -> None:
    """Take True, False or None; sizes need details to stand in."""
    check_choices(with_details=with_details)
    if with_details is False and image_sizes is not None:
        raise InvalidArgument(f"with_details=False leaves no place for image_sizes={image_sizes!r}")


def check_grid(
    separate: bool,
    grid: tuple[int, int] | None,
    min_objects: int,
    with_details: bool | None,
    image_sizes: st.SearchStrategy[Any] | None,
) -> None:
    """Take a pair of positive integers for separate boxes, with a pixel for each; or None and a size in the record."""
    if not isinstance(separate, bool):
        raise InvalidArgument(f"separate={separate!r} is neither of True, False")
    if grid is None:
        if separate and with_details is False:
            raise InvalidArgument(
                "separate=True takes the size from the image_details that with_details=False leaves out; "
                "grid=(width, height) would give it"
            )
        return
    if not separate:
        raise InvalidArgument(f"grid={grid!r} is for separate=True, not for separate=False")
    if not (
        isinstance(grid, tuple)
        and len(grid) == 2
        and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in grid)
    ):
        raise InvalidArgument(f"grid={grid!r} is not a pair of positive integers")
    if image_sizes is not None:
        raise InvalidArgument(f"grid={grid!r} and image_sizes={image_sizes!r} both say how large the image is")
    if min_objects > grid[0] * grid[1]:
        raise InvalidArgument(
            f"min_objects={min_objects} is larger than the number of pixels, {grid[0] * grid[1]}, of grid={grid!r}"
        )


def check_classes(classes: Sequence[Any] | None, labels: st.SearchStrategy[Any] | None, profile: str) -> None:
    """Take a list of classes, none twice, strings or for the reader integers; or None."""
    if classes is None:
        return
    if isinstance(classes, str) or not isinstance(classes, Sequence):
        raise InvalidArgument(f"classes={classes!r} is not a list of classes")
    if labels is not None:
        raise InvalidArgument(f"classes={classes!r} and labels={labels!r} both say which classes there are")
    if not classes:
        raise InvalidArgument(f"classes={classes!r} leaves no class to score")
    kinds = {type(label) for label in classes}
    if kinds == {int} and profile != "reader":
        raise InvalidArgument(f"classes={classes!r} are integers, which profile={profile!r} does not take")
    if kinds not in ({str}, {int}):
        raise InvalidArgument(f"classes={classes!r} are neither all strings nor all integers")
    if len(set(classes)) < len(classes):
        raise InvalidArgument(f"classes={classes!r} has a class twice")


def check_attribution_size(attribution_size: int | None) -> None:
    """Take a positive integer, or None."""
    if attribution_size is None:
        return
    if isinstance(attribution_size, bool) or not isinstance(attribution_size, int) or attribution_size < 1:
        raise InvalidArgument(f"attribution_size={attribution_size!r} is not a positive integer")


def check_threshold(threshold: float) -> None:
    """Take a finite number: the service takes any, in or out of the range of scores."""
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not math.isfinite(threshold):
        raise InvalidArgument(f"threshold={threshold!r} is not a number")
