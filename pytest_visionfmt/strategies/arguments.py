"""What the arguments of strategies are checked for, when a strategy is first drawn from.

Every check raises ``InvalidArgument`` and names the values, both where two contradict each other.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.format import PROFILES

__all__ = ["check_bounds", "check_details", "check_grid", "check_profile", "check_strategies"]


def check_profile(profile: str) -> None:
    """Take the names of profiles only."""
    if profile not in PROFILES:
        raise InvalidArgument(f"profile={profile!r} is neither of {', '.join(map(repr, PROFILES))}")


def check_bounds(low_name: str, low: int, high_name: str, high: int) -> None:
    """Take two integers from 0 on, the first not larger than the second."""
    for name, bound in ((low_name, low), (high_name, high)):
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise InvalidArgument(f"{name}={bound!r} is not an integer")
    if low < 0:
        raise InvalidArgument(f"{low_name}={low} is negative")
    if low > high:
        raise InvalidArgument(f"{low_name}={low} is larger than {high_name}={high}")


def check_strategies(**strategies: st.SearchStrategy[Any] | None) -> None:
    """Take strategies, and None for what is not asked for."""
    for name, strategy in strategies.items():
        if strategy is not None and not isinstance(strategy, st.SearchStrategy):
            raise InvalidArgument(f"{name}={strategy!r} is not a strategy; st.just({strategy!r}) would be one")


def check_details(with_details: bool | None, image_sizes: st.SearchStrategy[Any] | None) -> None:
    """Take True, False or None; sizes need details to stand in."""
    if with_details is not None and not isinstance(with_details, bool):
        raise InvalidArgument(f"with_details={with_details!r} is neither of True, False, None")
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
