"""What checking costs, against ``orjson.loads`` of every line: ``python benchmarks/check.py [LINES]``.

Files are made from a few hundred drawn records; ratios are of CPU time in one run, medians of five
rounds. orjson and the reference ``jsonschema`` are there to be compared with: extra ``bench``.
"""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import jsonschema
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from ratios import ratios

from pytest_visionfmt import (
    azure_is_record,
    azure_multiclass_record,
    azure_multilabel_record,
    azure_od_record,
    check_bytes,
    check_file,
    check_paths,
    named,
    rekognition_input_record,
    rekognition_output_record,
)

NAMES = st.sampled_from(["can", "carton", "milk_bottle", "water_bottle"])
LOOP_LINES = 2000
OD = "azure-od-record"


def drawn(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """Return a few hundred records, the same in every run."""
    records: list[Any] = []

    @settings(max_examples=300, database=None, deadline=None, derandomize=True)
    @given(strategy)
    def collect(record: Any) -> None:
        records.append(record)

    collect()
    return records


def usual(records: list[Any]) -> list[Any]:
    """Leave out records with numbers that no tool writes: 5e-324 alone takes as long to read as 60 others."""
    return [record for record in records if "e-3" not in json.dumps(record)]


def grown(records: list[Any], size: int) -> list[Any]:
    """Return records of about so many bytes, each with the objects of several of the given ones."""
    found: list[Any] = []
    objects: list[Any] = []
    for record in records:
        objects += record["label"]
        if len(json.dumps({**record, "label": objects})) >= size:
            found.append({**record, "label": objects})
            objects = []
    return found


def lines_of(records: list[Any], count: int) -> Iterator[bytes]:
    """Yield lines, each of an image of its own."""
    for n in range(count):
        record = records[n % len(records)]
        key = next(key for key in ("image_url", "source-ref") if key in record)
        folder = record[key].rpartition("/")[0] if key == "image_url" else "s3://bucket/images"
        yield json.dumps({**record, key: f"{folder}/{n}.jpg"}, ensure_ascii=False).encode() + b"\n"


def write(path: Path, lines: Iterator[bytes]) -> Path:
    with path.open("wb") as file:
        file.writelines(lines)
    return path


def parse(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)


def check(path: Path, format_id: str) -> None:
    check_file(path, format_id)


def by_the_reference(path: Path, format_id: str) -> None:
    validator = jsonschema.Draft202012Validator(dict(named(format_id).schema()))
    with path.open("rb") as file:
        for line in islice(file, LOOP_LINES):
            list(validator.iter_errors(json.loads(line)))


def against_the_parse(title: str, path: Path, format_id: str, count: int) -> None:
    found = ratios({"parse": partial(parse, path), "check": partial(check, path, format_id)}, baseline="parse")
    size = path.stat().st_size // count
    print(f"{title}, {count} lines of {size} bytes: {found['check']:.2f} times orjson.loads", flush=True)


def against_the_loop(path: Path, format_id: str, some: Path) -> None:
    found = ratios(
        {"check": partial(check, some, format_id), "loop": partial(by_the_reference, path, format_id)}, "check"
    )
    print(f"    {found['loop']:.0f} times faster than json.loads and jsonschema.iter_errors", flush=True)


def broken(lines: Iterator[bytes], every: int, change: Callable[[Any], object]) -> Iterator[bytes]:
    """Yield lines with every so many of them changed."""
    for n, line in enumerate(lines):
        if n % every:
            yield line
        else:
            record = json.loads(line)
            change(record["label"][0])
            yield json.dumps(record, ensure_ascii=False).encode() + b"\n"


def short_lines() -> Iterator[tuple[str, str, list[Any]]]:
    """Yield formats with records: favourable ones, with classes in ASCII and no other keys, and those as drawn."""
    for format_id, strategy in (
        ("azure-multiclass-record", azure_multiclass_record(labels=NAMES)),
        ("azure-multilabel-record", azure_multilabel_record(labels=NAMES)),
        ("rekognition-input-record", rekognition_input_record()),
        ("rekognition-output-record", rekognition_output_record()),
    ):
        records = drawn(strategy)
        if format_id == "rekognition-output-record":
            records = [record for record in records if "detect-moderation-labels" in record]  # a file holds one kind
        known = named(format_id).schema()["properties"].keys()
        yield format_id, "favourable", [record for record in records if record.keys() <= known]
        if "rekognition" in format_id:
            yield format_id, "as drawn, some with keys of other tools", records
    yield (
        OD,
        "as drawn, with any numbers and classes of any script",
        drawn(azure_od_record(min_objects=6, max_objects=8)),
    )


def request(size: int = 223_000) -> tuple[bytes, bytes]:
    """Return a scoring request with one JPEG of about so many bytes, and the text of it."""
    numbers = random.Random(0)
    picture = BytesIO()
    side = int((size / 0.92) ** 0.5)
    Image.frombytes("RGB", (side, side), numbers.randbytes(3 * side * side)).save(picture, "JPEG", quality=90)
    text = base64.b64encode(picture.getvalue())
    return b'{"input_data": {"columns": ["image"], "index": [0], "data": [["%s"]]}}' % text, text


def show_request(format_id: str) -> None:
    """Print what checking a request with one image costs, against no more than decoding its base64."""
    content, text = request()
    assert not check_bytes(content, format_id).findings
    found = ratios(
        {
            "b64decode": lambda: [base64.b64decode(text, validate=True) for _ in range(50)],
            "check_bytes": lambda: [check_bytes(content, format_id) for _ in range(50)],
        },
        baseline="b64decode",
    )
    size = len(text) * 3 // 4000
    print(
        f"{format_id}, one JPEG of {size} kB: {found['check_bytes']:.2f} times base64.b64decode(validate=True)",
        flush=True,
    )


MEMORY = """
import resource, sys
from pytest_visionfmt import check_file
check_file(sys.argv[1] + ".none", sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
check_file(sys.argv[1], sys.argv[2])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def memory(path: Path, format_id: str) -> str:
    run = [sys.executable, "-c", MEMORY, str(path), format_id]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()


def cpu_of(command: list[str], cwd: Path) -> float:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=cwd, env=env, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def commands(folder: Path, path: Path) -> None:
    """Print what the plugin costs a run that checks one file, and a run that does not use it."""
    (folder / "test_empty.py").write_text("def test_empty(): pass\n")
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    code = f"from pytest_visionfmt import check_file; check_file({path.name!r}, {OD!r})"
    runs: dict[str, list[str]] = {
        "check": [sys.executable, "-c", code],
        "pytest --visionfmt-check": [*pytest, "--visionfmt-check", path.name],
        "an empty test": [*pytest, "test_empty.py"],
        "an empty test, without us": [*pytest, "-p", "no:visionfmt", "test_empty.py"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(15):
        for name, run in runs.items():
            seconds[name].append(cpu_of(run, folder))
    more = median(a - b for a, b in zip(seconds["pytest --visionfmt-check"], seconds["check"], strict=True))
    unused = median(a - b for a, b in zip(seconds["an empty test"], seconds["an empty test, without us"], strict=True))
    print(f"pytest --visionfmt-check on one file: {more:.2f} s of CPU more than the check itself")
    print(f"a pytest run of one empty test: {1000 * unused:.0f} ms of CPU more than without the plugin")


def two_processes(path: Path) -> None:
    def seconds(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        both = partial(lambda: list(check_paths([path], OD, executor=pool)))
        both()  # the workers start
        times = [(seconds(lambda: check_file(path, OD)), seconds(both)) for _ in range(5)]
    ratio = median(one / two for one, two in times)
    print(f"two processes: {ratio:.2f} times as fast as one, on {os.cpu_count()} shared cores", flush=True)


def explained(size: int = 224) -> bytes:
    """Return a response with one attribution and one visualization of the default size, the largest document of all."""
    numbers = random.Random(0)
    channels = [[[numbers.gauss(0, 1e-3) for _ in range(size)] for _ in range(size)] for _ in range(3)]
    picture = BytesIO()
    Image.frombytes("RGB", (size, size), numbers.randbytes(3 * size * size)).save(picture, "PNG")
    text = base64.b64encode(picture.getvalue()).decode()
    item = {"probs": [0.25, 0.75], "labels": ["can", "carton"], "visualizations": text, "attributions": channels}
    return json.dumps([item]).encode()


def show_document(content: bytes, format_id: str) -> None:
    """Print what checking one document costs; the reference implementation takes seconds for it, and is left out."""
    assert not check_bytes(content, format_id).findings
    found = ratios(
        {"json.loads": partial(json.loads, content), "check_bytes": partial(check_bytes, content, format_id)},
        baseline="json.loads",
    )
    print(f"{format_id}, one document of {len(content)} bytes")
    for name, ratio in found.items():
        print(f"{ratio:8.2f}  {name}")


def main() -> None:
    show_document(explained(), "azure-multiclass-xai-response")
    show_request("azure-scoring-request")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        boxes = grown(usual(drawn(azure_od_record(min_objects=1, labels=NAMES))), 900)
        clean = write(folder / "od.jsonl", lines_of(boxes, count))
        some = write(folder / "some.jsonl", lines_of(boxes, LOOP_LINES))
        against_the_parse("detection, clean", clean, OD, count)
        against_the_loop(clean, OD, some)
        some_bad = write(
            folder / "bad.jsonl", broken(lines_of(boxes, count), 100, lambda box: box.update(bottomX=box["topX"]))
        )
        found = ratios({"clean": partial(check, clean, OD), "bad": partial(check, some_bad, OD)}, baseline="clean")
        print(f"detection, 1 % of the lines bad: {found['bad']:.2f} times the clean file", flush=True)
        for what, change in (
            ("a box out of order", lambda box: box.update(bottomX=box["topX"])),
            ("a number too large", lambda box: box.update(bottomX=1.5)),
        ):
            bad = write(folder / "bad.jsonl", broken(lines_of(boxes, count), 1, change))
            against_the_parse(f"detection, all lines with {what}", bad, OD, count)
        outlines = grown(usual(drawn(azure_is_record(min_objects=1, labels=NAMES))), 5500)
        path = write(folder / "is.jsonl", lines_of(outlines, count // 4))
        some = write(folder / "some.jsonl", lines_of(outlines, LOOP_LINES))
        against_the_parse("segmentation, clean", path, "azure-is-record", count // 4)
        against_the_loop(path, "azure-is-record", some)
        for format_id, title, records in short_lines():
            path = write(folder / "a.jsonl", lines_of(records, count))
            against_the_parse(f"{format_id}, {title}", path, format_id, count)
        print(f"memory over an import: {memory(clean, OD)} MiB at {count} lines", end="")
        ten = write(folder / "ten.jsonl", lines_of(boxes, 10 * count))
        print(f", {memory(ten, OD)} MiB at {10 * count}", flush=True)
        two_processes(clean)
        small = write(folder / "small.jsonl", lines_of(boxes, 100))
        commands(folder, small)


if __name__ == "__main__":
    main()
