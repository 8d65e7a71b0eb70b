"""Strategies and schemas agree: what a schema says at a place, drawn records show on both of its sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest
from drawing import ON_THE_GRID, OUT_OF_ORDER, STRATEGIES, many, sample
from hypothesis import settings
from records import TRAINING, profiles_of

from pytest_visionfmt import TABLE
from pytest_visionfmt.format import Profile
from pytest_visionfmt.json_paths import INSIDE, site_of, value_at
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.values import show

SIZE = 1000  # or as many as --full asks for
FEW = {"rekognition-evaluation": 500}  # every document has hundreds of counts
FEWEST = 4

Side: TypeAlias = tuple[str, str, str]
"""A site, a keyword, and what of it a value can show."""

NEVER: set[Side] = {(site, "maximum" if bound > 50 else "minimum", "at the bound") for site, bound in ON_THE_GRID}
NEVER |= {(site, "maximum" if bound > 0.5 else "minimum", "at the bound") for site, bound in OUT_OF_ORDER}
# By default, a response is about an image; an index is as long as the data, and a row as wide as there are columns.
NEVER |= {("$", "minItems", "at the bound"), ("$.input_data.index", "minItems", "at the bound")}
NEVER_FOR_READER: set[Side] = {("$.input_data.data[*]", "minItems", "at the bound")}
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "null": (type(None),),
    "array": (list,), "object": (dict,),
}  # fmt: skip


def has_type(value: Any, name: str) -> bool:
    return isinstance(value, PYTHON_TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def sides(node: Node) -> Iterator[tuple[str, str]]:
    """Yield every keyword of a node with every side of it that a valid value can show."""
    yield from (("type", name) for name in node.types)
    yield from (("enum", show(value)) for value in node.enum or ())
    yield from (("properties", f"{key} {how}") for key in node.optional for how in ("present", "absent"))
    yield from (("required", key) for key in node.required)
    for keyword in ("minimum", "maximum"):
        if getattr(node, keyword) is not None:
            yield from ((keyword, how) for how in ("at the bound", "inside"))
    if node.pattern is not None:
        yield "pattern", "matched"
    if "array" in node.types:
        yield from (("minItems", how) for how in ("at the bound", "inside")[: 1 + (node.max_items != node.min_items)])


def shown(value: Any, node: Node) -> Iterator[tuple[str, str]]:
    """Yield every side that one value shows."""
    yield from (("type", name) for name in node.types if has_type(value, name))
    if node.enum is not None:
        yield "enum", show(value)
    if isinstance(value, dict):
        yield from (("properties", f"{key} {'present' if key in value else 'absent'}") for key in node.optional)
        yield from (("required", key) for key in node.required if key in value)
    if has_type(value, "number"):
        for keyword in ("minimum", "maximum"):
            if (bound := getattr(node, keyword)) is not None:
                yield keyword, "at the bound" if value == bound else "inside"
    if isinstance(value, str) and node.pattern is not None:
        yield "pattern", "matched"
    if isinstance(value, list) and "array" in node.types:
        yield "minItems", "at the bound" if len(value) == node.min_items else "inside"


def counted(value: Any, node: Node, site: str, counts: Counter[Side]) -> None:
    counts.update((site, *side) for side in shown(value, node))
    if isinstance(value, dict):
        for key, child in node.properties.items():
            if key in value:
                counted(value[key], child, f"{site}{site_of((key,))[1:]}", counts)
    elif isinstance(value, list) and node.items:
        for item in value:
            counted(item, node.items, f"{site}[*]", counts)
    elif isinstance(value, str) and node.content and isinstance(held := value_at(value, (INSIDE,)), dict):
        counted(held, node.content, f"{site}{INSIDE.value}", counts)


@pytest.mark.parametrize(
    ("format_id", "profile"), [(id_, profile) for id_ in STRATEGIES for profile in profiles_of(TABLE[id_])]
)
def test_every_keyword_is_shown_on_both_sides(format_id: str, profile: Profile) -> None:
    root = nodes_of(TABLE[format_id], profile)
    never = NEVER | NEVER_FOR_READER if profile == "reader" else NEVER
    wanted = {(site, *side) for site, node in root.walk() for side in sides(node)} - never
    for size in (300, FEW.get(format_id) or max(SIZE, settings().max_examples)):
        counts: Counter[Side] = Counter()
        for value in many(format_id, profile, size):
            counted(value, root, "$", counts)
        if settings().max_examples <= SIZE and all(counts[side] >= FEWEST for side in wanted):
            break  # nothing is rarer than that, so there is no need to look further every day
    assert {side: counts[side] for side in wanted if counts[side] < FEWEST} == {}
    assert not counts.keys() & never
    assert counts.keys() <= wanted
    assert len(wanted) >= 10


@pytest.mark.parametrize("format_id", TRAINING)
def test_lists_have_all_lengths(format_id: str) -> None:
    values = sample(STRATEGIES[format_id](), 600)
    counts = Counter(len(value["label"]) for value in values if isinstance(value["label"], list))
    most = {"azure-multiclass-record": -1, "azure-is-record": 4}.get(format_id, 8)
    assert set(counts) == set(range(most + 1))
