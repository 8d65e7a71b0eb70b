"""The rules of Azure requests on their images: from base64 text to bytes, and from bytes to an image."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

from pytest_visionfmt.findings import Reaction, Severity
from pytest_visionfmt.format import Hit, Judgement, Record, Rule, Verdict
from pytest_visionfmt.formats.azure_requests_verdicts import READ, RUN, WRAPPER, answers_error
from pytest_visionfmt.formats.azure_training_verdicts import error
from pytest_visionfmt.image_facts import ImageFacts, ImageProblem, facts_of_first
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.values import show

__all__ = ["Decoded", "Texts", "decode", "image_rules"]

Texts: TypeAlias = Callable[[Any], Iterable[tuple[Path, str]]]
"""Where the base64 texts of a request are: ``texts(value)`` yields path and text."""

_BASE64 = re.compile(r"[A-Za-z0-9+/=\r\n]*+", re.ASCII)
_URL = re.compile(r"\s*(?:(data):|[A-Za-z][A-Za-z0-9+.-]*://)", re.IGNORECASE)


class Decoded(NamedTuple):
    """What the reader makes of one text: a URL, stray characters, what keeps it from decoding, the image."""

    url: str = ""
    stray: str = ""
    undecodable: str = ""
    image: ImageFacts | ImageProblem | None = None


# Decoding as the reader decodes.


def decode(text: str) -> Decoded:
    """Return what the reader makes of a base64 text: it takes the text as Python's ``b64decode`` does."""
    if match := _URL.match(text):
        what = "a data URL: the base64 text alone is wanted, what stands behind the comma" if match[1] else (
            "a URL: models fine-tuned from Hugging Face transformers take one, the others want the image itself"
        )  # fmt: skip
        return Decoded(url=f"{show(text)} is {what}")
    try:
        data, stray = base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True), ""
    except ValueError:
        stray = _stray(text)
        try:
            data = base64.b64decode(text)
        except ValueError:
            return Decoded(undecodable=_undecodable(text, stray))
    return Decoded(stray=stray, image=facts_of_first(data))


def _stray(text: str) -> str:
    match = _BASE64.match(text)
    at = match.end() if match else 0
    if at == len(text):
        return "padding stands where it does not belong, and the text is not read on from there"
    kind = ", of the URL-safe alphabet," if text[at] in "-_" else ""
    return f"{show(text[at])}{kind} at character {at + 1} is not of the base64 alphabet"


def _undecodable(text: str, stray: str) -> str:
    if not text.isascii():
        return f"the text is no base64: {stray}"
    letters = len(re.findall(r"[A-Za-z0-9+/]", text))
    lacks = "too many by one for any padding" if letters % 4 == 1 else "without the padding for groups of 4"
    return f"the text does not decode: {letters} letters, {lacks}" + (f"; {stray}" if stray.startswith('"') else "")


# The image rules ask for one request after another what its texts are; to decode is what costs.
@lru_cache(maxsize=4)
def _decoded(texts: tuple[str, ...]) -> tuple[Decoded, ...]:
    return tuple(map(decode, texts))


def _each(texts: Texts, say: Callable[[Decoded], str]) -> Record:
    """Return the look of a rule on images: ``say`` returns what is wrong with one, if anything."""

    def find(value: Any) -> Iterator[Hit]:
        found = list(texts(value))
        for (path, _), decoded in zip(found, _decoded(tuple(text for _, text in found)), strict=True):
            if message := say(decoded):
                yield Hit(path, message)

    return Record(find)


_Kind: TypeAlias = Literal["no image", "broken", "too large"]
_KINDS: dict[_Kind, str] = {
    "no image": "Pillow sees no image in what the text decodes to",
    "broken": "the image cannot be decoded to its end",
    "too large": "Pillow refuses so large an image",
}


def _kind(problem: ImageProblem) -> _Kind:
    if problem.too_large:
        return "too large"
    return "broken" if problem.facts or problem.kind == "truncated" else "no image"


def _problem(kind: _Kind) -> Callable[[Decoded], str]:
    def say(decoded: Decoded) -> str:
        problem = decoded.image
        if not isinstance(problem, ImageProblem) or _kind(problem) != kind:
            return ""
        facts = problem.facts
        what = f"{facts.type}, {facts.width} x {facts.height} pixels: " if facts else ""
        return f"{_KINDS[kind]}: {what}{problem.message}"

    return say


def image_rules(texts: Texts) -> tuple[Rule, ...]:
    """Return the rules on the images of a request, given where its base64 texts are."""
    gone = "the image is missing from the response, silently: the response is shorter than the request"
    stray = "the reader passes such characters over, silently, and decodes what is left"
    return (
        Rule(
            "VF401", "undecodable-base64", "A text cannot be decoded as base64.", WRAPPER,
            answers_error("ValueError, the image cannot be decoded"), _each(texts, lambda d: d.undecodable),
        ),
        Rule(
            "VF402", "stray-characters", "A base64 text holds characters that its decoder passes over.", WRAPPER,
            Verdict(
                Judgement(Severity.ERROR, Reaction.VALUE_MISREAD, RUN, stray),
                Judgement(Severity.WARNING, Reaction.VALUE_MISREAD, RUN, stray),
            ),
            _each(texts, lambda d: d.stray),
        ),
        Rule(
            "VF403", "not-an-image", "A base64 text decodes to bytes that are no image.", WRAPPER,
            error(Reaction.IMAGE_SKIPPED, gone), _each(texts, _problem("no image")),
        ),
        Rule(
            "VF404", "truncated-image", "An image has a sound beginning and cannot be decoded to its end.", WRAPPER,
            error(Reaction.IMAGE_SKIPPED, gone, READ), _each(texts, _problem("broken")),
        ),
        Rule(
            "VF405", "too-many-pixels", "An image has more pixels than Pillow agrees to decode.", WRAPPER,
            error(Reaction.IMAGE_SKIPPED, gone, READ), _each(texts, _problem("too large")),
        ),
        Rule(
            "VF406", "url-for-image", "A URL stands where the image itself belongs.", WRAPPER,
            error(
                Reaction.LOAD_FAILS,
                "the endpoint answers with an error, ValueError; where the length happens to fit base64, the image is "
                "missing from the response",
            ),
            _each(texts, lambda d: d.url),
        ),
    )  # fmt: skip
