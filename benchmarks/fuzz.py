"""What fuzzing finds and what it costs: ``python benchmarks/fuzz.py [--mutants] [--speed] [--seeds N] [--pair NAME]``.

For every mutant of ``tests/mutants.py``, with the default settings of ``fuzz``: the first law that is broken,
after how many examples, and in how many seconds, over several seeds. Then what judging a law
costs, against drawing its sources alone, in this process and through the worker. Either can run alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from hypothesis import HealthCheck, given, seed, settings

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from mutants import MUTANTS, PAIRS, Mutant, converter, mutated

from pytest_visionfmt import Failure, coco_document, fuzz
from pytest_visionfmt.conversions import conversion
from pytest_visionfmt.laws import LAWS

ROUNDS = 5


def first_failure(mutant: Mutant, folder: Path, number: int) -> Failure | None:
    """Return the failure of the first law that a mutant breaks, or of another where that lets it pass.

    With one seed each hunt stands for itself: what a law finds alone, it finds among the others.
    """
    convert, inverse = mutated(mutant, folder)
    for law in dict.fromkeys([mutant.law, *LAWS]):
        promise = PAIRS[mutant.pair].promise
        report = fuzz(convert, inverse=inverse, seed=number, only=[law], max_failures=1, **promise)
        if report.failures:
            return report.failures[0]
    return None


def sizes(failure: Failure, mutant: Mutant) -> tuple[int, int]:
    """Return how many images and objects the smallest source has."""
    promise = {key: value for key, value in PAIRS[mutant.pair].promise.items() if key != "losses"}
    try:
        images = conversion(**promise).source.read(failure.source)
    except (ValueError, AssertionError):  # of the law rejects: not valid on purpose
        return 1, 1
    return len(images), sum(len(image.objects) for image in images)


def table(seeds: int, pair: str | None) -> None:
    """Print a row for each mutant, and the median size of what was found."""
    mutants = [mutant for mutant in MUTANTS if pair in (None, mutant.pair)]
    found: list[tuple[int, int]] = []
    missed = []
    print("| mutant | converter | law | examples | seconds |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for mutant in mutants:
            laws, examples, seconds = [], [], []
            for number in range(1, seeds + 1):
                start = time.perf_counter()
                failure = first_failure(mutant, Path(folder), number)
                seconds.append(time.perf_counter() - start)
                if failure is None:
                    missed.append(f"{mutant.name} with seed {number}")
                    continue
                laws.append(failure.law)
                examples.append(failure.examples)
                found.append(sizes(failure, mutant))
            shown = ", ".join(dict.fromkeys(laws)) or "none"
            most = max(examples, default=0)
            print(f"| {mutant.name} | {mutant.pair} | {shown} | {most} | {median(seconds):.1f} |", flush=True)
    images, objects = (median(size[i] for size in found) for i in range(2))
    print(f"\n{len(mutants)} mutants, {seeds} seeds: {len(missed)} missed{''.join(f'; {name}' for name in missed)}")
    print(f"median of the smallest sources: {images:g} images, {objects:g} objects")


def drawing() -> float:
    """Return the seconds of drawing as many sources as a law is judged on."""

    @seed(1)
    @settings(max_examples=200, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(coco_document())
    def draw(document: Any) -> None:
        pass

    start = time.perf_counter()
    draw()
    return time.perf_counter() - start


def judging(law: str, *, in_process: bool) -> float:
    """Return the seconds of judging a law on a right converter, without starting the worker."""
    pair = PAIRS["coco-od"]
    report = fuzz(
        converter(pair.module, pair.function), seed=1, only=["runs", law], in_process=in_process, **pair.promise
    )
    assert report.ok
    return report.seconds[law]


def speed() -> None:
    """Print what judging costs, as a ratio to drawing just before: the median of several rounds."""
    for law in ("valid_output", "conserves", "deterministic", "order", "relabel", "scale"):
        here, there = (
            median(judging(law, in_process=in_process) / drawing() for _ in range(ROUNDS))
            for in_process in (True, False)
        )
        print(f"{law:14} {here:5.1f} times drawing in this process, {there:5.1f} through the worker", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--pair", choices=PAIRS, help="the mutants of one converter only")
    parser.add_argument("--mutants", action="store_true", help="the mutants only")
    parser.add_argument("--speed", action="store_true", help="the speed only")
    options = parser.parse_args()
    if not options.speed:
        table(options.seeds, options.pair)
    if not options.mutants:
        speed()


if __name__ == "__main__":
    main()
