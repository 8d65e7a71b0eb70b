"""The label taxonomies: their numbers as AWS gives them, and what differs between the versions."""

from __future__ import annotations

from collections import Counter

import pytest

from pytest_visionfmt.formats.moderation_taxonomy import TAXONOMIES, ModerationLabel, top_level


@pytest.mark.parametrize(("version", "levels"), [("7.0", {1: 10, 2: 20, 3: 22}), ("6.1", {1: 10, 2: 35})])
def test_a_taxonomy_has_as_many_labels_of_each_level_as_aws_says(version: str, levels: dict[int, int]) -> None:
    assert Counter(row.level for row in TAXONOMIES[version]) == levels
    assert top_level(version) == tuple(row.name for row in TAXONOMIES[version] if row.level == 1)


@pytest.mark.parametrize("version", TAXONOMIES)
def test_a_parent_stands_before_what_is_below_it_one_level_up(version: str) -> None:
    seen: set[tuple[str, int]] = {("", 0)}
    for row in TAXONOMIES[version]:
        assert (row.parent, row.level - 1) in seen
        seen.add((row.name, row.level))


@pytest.mark.parametrize("version", TAXONOMIES)
def test_name_and_parent_tell_a_row(version: str) -> None:
    pairs = [(row.name, row.parent) for row in TAXONOMIES[version]]
    assert len(set(pairs)) == len(pairs)


def test_a_name_alone_does_not_tell_a_row() -> None:
    assert [row for row in TAXONOMIES["6.1"] if row.name == "Gambling"] == [
        ModerationLabel("Gambling", "", 1),
        ModerationLabel("Gambling", "Gambling", 2),
    ]
    assert ModerationLabel("Explicit Nudity", "", 1) in TAXONOMIES["6.1"]
    assert ModerationLabel("Explicit Nudity", "Explicit", 2) in TAXONOMIES["7.0"]


def test_the_versions_share_twenty_one_names_and_three_more_but_for_case() -> None:
    old, new = ({row.name for row in TAXONOMIES[version]} for version in ("6.1", "7.0"))
    assert len(old & new) == 21
    assert len({name.casefold() for name in old} & {name.casefold() for name in new}) == 24
