"""What the plugin adds to ``assert``: two records that are not equal are compared by what they show.

It imports nothing but pytest and the standard library until two such records are found to differ.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

__all__ = ["pytest_assertrepr_compare", "rewrite_assertions"]

_ASSERTIONS = "pytest_visionfmt.assertions"
# The marks of formats that show annotations, written out so that dicts of others load nothing; a test compares them.
MARKS = frozenset({
    "image_url", "probs", "boxes", "source-ref", "content-moderation-groundtruth", "ModerationLabels",
    "ModerationModelVersion",
})  # fmt: skip


def rewrite_assertions() -> None:
    """Have pytest rewrite the assertions of this package where they are imported, which has not happened yet."""
    if _ASSERTIONS not in sys.modules:
        pytest.register_assert_rewrite(_ASSERTIONS)


def pytest_assertrepr_compare(op: str, left: Any, right: Any) -> list[str] | None:
    if op != "==" or not (_has_marks(left) and _has_marks(right)):
        return None
    from pytest_visionfmt.annotation_diffs import equality_lines

    return equality_lines(left, right) or None


def _has_marks(value: Any) -> bool:
    """Whether a value is a record, or a list that begins with one, by its keys."""
    if isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, dict) and not MARKS.isdisjoint(value)
