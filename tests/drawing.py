"""What tests of strategies share: the strategies by format, a fixed sample, what is minimal, plain bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import pytest_visionfmt as visionfmt
from pytest_visionfmt import TABLE
from pytest_visionfmt.draws import DRAWS
from pytest_visionfmt.format import Profile
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_strategies import decode_record
from pytest_visionfmt.value_decoders import Decoder

STRATEGIES: dict[str, Callable[..., st.SearchStrategy[Any]]] = {
    id_: getattr(visionfmt, id_.replace("-", "_")) for id_ in TABLE if id_ in DRAWS
}
SHORTEST = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a.jpg"
PLAIN_BOX = {"label": "a", "topX": 0.0, "topY": 0.0, "bottomX": 1.0, "bottomY": 1.0}
TRIANGLE = {"label": "a", "polygon": [[0.0, 0.0, 1.0, 0.0, 1.0, 1.0]]}
SHRINKING = settings(
    max_examples=2000, database=None, derandomize=True, phases=[Phase.generate, Phase.shrink],
)  # fmt: skip


def minimal(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool] = lambda value: True) -> Any:
    return find(strategy, condition, settings=SHRINKING)


def sample(strategy: st.SearchStrategy[Any], size: int = 300) -> list[Any]:
    """Return drawn values, the same in every run."""
    values: list[Any] = []

    @settings(max_examples=size, database=None, derandomize=True, phases=[Phase.generate])
    @given(strategy)
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    return values


@cache
def many(format_id: str, profile: Profile = "documented", size: int = 300) -> tuple[Any, ...]:
    """Return drawn values of a format, drawn once for all tests that only look at them."""
    return tuple(sample(STRATEGIES[format_id](profile=profile), size))


# A top left corner at the far edge leaves no room for the other corner, and the other way round.
_BOXES = (("$.label[*]", 0, 1), ("$[*].boxes[*].box", 0, 1), ("$[*].boxes[*].box", -0.01, 1.01))
OUT_OF_ORDER = {(f"{box}.{key}", bound) for box, low, high in _BOXES for key, bound in
                (("topX", high), ("topY", high), ("bottomX", low), ("bottomY", low))}  # fmt: skip
# Whether "at least" or "more than" is meant would decide what a confidence on a threshold counts for.
ON_THE_GRID = {(f"$['{key}'].ModerationLabels[*].Confidence", bound) for bound in (5, 100)
               for key in ("detect-moderation-labels", "detect-moderation-labels-base-model")}  # fmt: skip


def at_site(value: Any, site: str) -> list[Any]:
    """Return all values at a site such as $.label[*].topX of one record; behind " > $", in the JSON of a string."""
    found = [value]
    for quoted, name, inside in re.findall(r"\['([^']*)'\]|\.(\w+)|( > \$)|\[\*\]", site):
        if key := quoted or name:
            found = [item[key] for item in found if isinstance(item, dict) and key in item]
        elif inside:
            found = [held for text in found if isinstance(text, str) for held in parsed(text)]
        else:
            found = [item for items in found if isinstance(items, list) for item in items]
    return found


def parsed(text: str) -> list[Any]:
    """Return what a text holds, if it is JSON."""
    try:
        return [json.loads(text)]
    except ValueError:
        return []


def wanted_at(node: Node) -> list[Any]:
    """Return values that a strategy must reach at a node: every enumerated one, and the bounds."""
    bounds = [bound for bound in (node.minimum, node.maximum) if bound is not None]
    return [*(node.enum or ()), *bounds]


def same(a: Any, b: Any) -> bool:
    return (type(a) is type(b) and a == b) or (isinstance(a, float) and not isinstance(b, bool) and a == b)


class Same(Random):
    """A source of one byte only, and of counts that are the least."""

    def __init__(self, byte: int) -> None:
        super().__init__(0)
        self.byte = byte

    def randbytes(self, n: int) -> bytes:
        return bytes([self.byte]) * n

    def randint(self, a: int, b: int) -> int:
        return a


def decoded(decoder: Decoder, byte: int = 0) -> Any:
    """Return what a decoder makes of bytes that are all the same."""
    return decode_record(decoder, lambda strategy: Same(byte))
