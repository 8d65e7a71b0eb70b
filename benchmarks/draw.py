"""What a drawn record costs, against an empty test: ``python benchmarks/draw.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ratios import ratios

from pytest_visionfmt import azure_is_record, azure_multiclass_record, azure_multilabel_record, azure_od_record

EXAMPLES = 2000
SETTINGS = settings(max_examples=EXAMPLES, database=None, deadline=None)
UNIT = st.floats(0, 1)
BOX = st.builds(
    lambda label, x0, x1, y0, y1: {"label": label, "topX": x0, "topY": y0, "bottomX": x1, "bottomY": y1},
    st.text(min_size=1, max_size=12), UNIT, UNIT, UNIT, UNIT,
)  # fmt: skip
BY_HAND = st.builds(
    lambda name, boxes: {"image_url": name, "label": boxes}, st.text(min_size=1, max_size=12), st.lists(BOX, max_size=8)
)


def empty_test(strategy: st.SearchStrategy[Any]) -> Callable[[], None]:
    @SETTINGS
    @given(strategy)
    def test(value: Any) -> None:
        pass

    return test


def main() -> None:
    found = ratios(
        {
            "an empty test, st.integers()": empty_test(st.integers()),
            "azure_multiclass_record()": empty_test(azure_multiclass_record()),
            "azure_multilabel_record()": empty_test(azure_multilabel_record()),
            "azure_od_record()": empty_test(azure_od_record()),
            "azure_is_record()": empty_test(azure_is_record()),
            "a detection record of st.builds, st.lists, st.floats": empty_test(BY_HAND),
        },
        baseline="an empty test, st.integers()",
    )
    for name, ratio in found.items():
        print(f"{ratio:6.2f}  {name}")


if __name__ == "__main__":
    main()
