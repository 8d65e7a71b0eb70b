"""What drawn records cost, against an empty test and against strategies made by hand: ``python benchmarks/draw.py``.

Drawing, failing and shrinking, and making a strategy. All of it is CPU time, compared in one run.
"""

from __future__ import annotations

import json
import timeit
from collections.abc import Callable
from typing import Any

from by_hand import detection_record
from hypothesis import given, settings
from hypothesis import strategies as st
from ratios import medians, ratios

from pytest_visionfmt import (
    azure_exchange,
    azure_is_record,
    azure_is_response,
    azure_multiclass_record,
    azure_multiclass_response,
    azure_multiclass_xai_response,
    azure_multilabel_record,
    azure_multilabel_response,
    azure_multilabel_xai_response,
    azure_od_record,
    azure_od_response,
    azure_scoring_request,
    azure_xai_request,
    rekognition_evaluation,
    rekognition_input_record,
    rekognition_moderation_response,
    rekognition_output_record,
)

EXAMPLES = 2000
SETTINGS = settings(max_examples=EXAMPLES, database=None, deadline=None)
EMPTY = "an empty test, st.integers()"
BY_HAND = "a detection record of st.builds, st.lists, st.floats"
TRUTH = [
    {
        "image_url": "azureml://datastores/d/paths/a.jpg",
        "label": [
            {"label": label, "topX": i / 10, "topY": 0.2, "bottomX": (i + 1) / 10, "bottomY": 0.8}
            for i, label in enumerate("abcd")
        ],
    }
] * 3
NOISE: dict[str, Any] = {"jitter": (0, 0.5), "misses": (0, 2), "extras": (0, 2), "duplicates": (0, 2)}
STRATEGIES: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
    EMPTY: st.integers,
    "azure_multiclass_record()": azure_multiclass_record,
    "azure_multilabel_record()": azure_multilabel_record,
    "azure_od_record()": azure_od_record,
    "azure_od_record(separate=True)": lambda: azure_od_record(separate=True),
    "azure_is_record()": azure_is_record,
    "azure_scoring_request()": azure_scoring_request,
    "azure_xai_request()": azure_xai_request,
    "azure_is_response()": azure_is_response,
    "azure_multiclass_response()": azure_multiclass_response,
    "azure_multiclass_xai_response()": azure_multiclass_xai_response,
    "azure_multilabel_response()": azure_multilabel_response,
    "azure_multilabel_xai_response()": azure_multilabel_xai_response,
    "azure_od_response()": azure_od_response,
    "azure_od_response(ground_truth=) of 12 boxes": lambda: azure_od_response(ground_truth=TRUTH),
    "azure_od_response(ground_truth=) of 12 boxes, noisy": lambda: azure_od_response(ground_truth=TRUTH, **NOISE),
    "azure_exchange(task=), several classes": lambda: azure_exchange(task="image_classification_multilabel"),
    "rekognition_input_record()": rekognition_input_record,
    "rekognition_output_record()": rekognition_output_record,
    "rekognition_evaluation()": rekognition_evaluation,
    "rekognition_moderation_response()": rekognition_moderation_response,
    BY_HAND: detection_record,
}


def empty_test(strategy: st.SearchStrategy[Any]) -> Callable[[], None]:
    @SETTINGS
    @given(strategy)
    def test(value: Any) -> None:
        pass

    return test


def failing_test(strategy: st.SearchStrategy[Any], minimal: list[Any]) -> Callable[[], None]:
    """Return a test of a converter's classic bug, from its first draw to its report; ``minimal`` gets what it reports.

    Boxes lose their area when coordinates are rounded to two decimals.
    """

    @settings(database=None)
    @given(strategy)
    def test(value: Any) -> None:
        minimal[:] = [value]
        assert all(round(b["topX"], 2) < round(b["bottomX"], 2) for b in value["label"])

    def run() -> None:
        while True:  # a test of a hundred examples may miss it
            try:
                test()
            except AssertionError:
                return

    return run


def drawing() -> None:
    sizes = {name: mean_size(make()) for name, make in STRATEGIES.items() if name != EMPTY}
    found = ratios({name: empty_test(make()) for name, make in STRATEGIES.items()}, baseline=EMPTY)
    print(f"{EXAMPLES} examples: times an empty test; bytes of JSON and items of label on average")
    for name, ratio in found.items():
        size, items = sizes.get(name, (0, 0))
        print(f"{ratio:8.2f} {size:7.0f} {items:5.1f}  {name}")
    print(f"{found[BY_HAND] / found['azure_od_record()']:8.2f} times as fast as by hand: azure_od_record()")


def mean_size(strategy: st.SearchStrategy[Any]) -> tuple[float, float]:
    """Return the mean length of what is drawn, as JSON, and of its label, or of a response, where that is a list."""
    lengths: list[tuple[int, int]] = []

    @SETTINGS
    @given(strategy)
    def collect(value: Any) -> None:
        label = value.get("label") if isinstance(value, dict) else value
        lengths.append((len(json.dumps(value)), len(label) if isinstance(label, list) else 0))

    collect()
    return sum(size for size, _ in lengths) / len(lengths), sum(items for _, items in lengths) / len(lengths)


def failing() -> None:
    ours: list[Any] = []
    by_hand: list[Any] = []
    tests = {
        "azure_od_record()": failing_test(azure_od_record(), ours),
        BY_HAND: failing_test(detection_record(), by_hand),
    }
    seconds = medians(tests, rounds=11)
    print("a failing test under default settings: seconds to the final report, and what it reports")
    for (name, taken), (value,) in zip(seconds.items(), (ours, by_hand), strict=True):
        print(f"{taken:8.2f}  {name}: {len(value['label'])} boxes, {len(json.dumps(value))} bytes")
        print(f"          {json.dumps(value)}")
    print(f"{seconds['azure_od_record()'] / seconds[BY_HAND]:8.2f} of the time by hand")


def making() -> None:
    print("milliseconds to make a strategy, after the first")
    for name, make in STRATEGIES.items():
        make()
        print(f"{1000 * min(timeit.repeat(make, number=100)) / 100:8.3f}  {name}")


if __name__ == "__main__":
    drawing()
    failing()
    making()
