"""How far predictions are from the truth, as the user states it: amounts, exact or within bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

from hypothesis.errors import InvalidArgument

from pytest_visionfmt.value_decoders import Drawing
from pytest_visionfmt.values import is_number

__all__ = [
    "Amount",
    "Confusion",
    "Noise",
    "Ranking",
    "Share",
    "check_default",
    "drawn_amounts",
    "noise_of",
    "one_of",
    "some",
    "spread",
]

T = TypeVar("T")
Number = TypeVar("Number", int, float)
Amount: TypeAlias = int | tuple[int, int]
"""How many: a number, or a pair of the fewest and the most."""
Share: TypeAlias = float | tuple[float, float]
"""How much: a number, or a pair of the least and the most."""
Confusion: TypeAlias = Amount | Mapping[Any, Any]
"""How many get another class, or which class becomes which."""
Ranking: TypeAlias = Literal["best", "worst", "any", "tied"]
"""How right and wrong predictions are scored beside each other."""
_RANKINGS = ("best", "worst", "any", "tied")
_MOST_JITTER = 0.99
_AMOUNTS = ("misses", "extras", "duplicates", "ties")
_SPANS = (*_AMOUNTS, "confusion")
_PLAIN: dict[str, Any] = {"jitter": 0, **dict.fromkeys(_AMOUNTS, 0), "confusion": 0, "ranking": "best"}


class Noise(NamedTuple):
    """What was asked for, each as bounds; ``given`` has it as the user wrote it."""

    given: Mapping[str, Any]
    jitter: tuple[float, float]
    misses: tuple[int, int]
    extras: tuple[int, int]
    duplicates: tuple[int, int]
    ties: tuple[int, int]
    confusion: tuple[int, int] | Mapping[Any, Any]
    ranking: str

    def words(self, name: str) -> str:
        """Return an argument as it was given: ``misses=2``."""
        return f"{name}={self.given[name]!r}"


def check_default(why: str, /, **arguments: tuple[Any, Any]) -> None:
    """Take defaults only, each behind what was given, where an argument has nothing to say."""
    for name, (value, default) in arguments.items():
        if value is not default and value != default:
            raise InvalidArgument(f"{name}={value!r} {why}")


def noise_of(ground_truth: object, **given: Any) -> Noise:
    """Take amounts of noise, none of them without a ground truth, and return each as bounds."""
    if ground_truth is None:
        check_default(
            "says how predictions differ from ground_truth, which is not given",
            **{name: (value, _PLAIN[name]) for name, value in given.items()},
        )
    asked = {**_PLAIN, **given}
    if asked["ranking"] not in _RANKINGS:
        raise InvalidArgument(f"ranking={asked['ranking']!r} is none of {', '.join(map(repr, _RANKINGS))}")
    confusion = asked["confusion"]
    return Noise(
        given=asked,
        jitter=_share("jitter", asked["jitter"]),
        **{name: _amount(name, asked[name]) for name in _AMOUNTS},
        confusion=confusion if isinstance(confusion, Mapping) else _amount("confusion", confusion),
        ranking=asked["ranking"],
    )


def _amount(name: str, value: Amount) -> tuple[int, int]:
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2 or not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in pair):
        mapping = ", nor a mapping of classes" if name == "confusion" else ""
        raise InvalidArgument(f"{name}={value!r} is no integer from 0 on, nor a pair of them{mapping}")
    return _in_order(name, pair)


def _share(name: str, value: Share) -> tuple[float, float]:
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2 or not all(is_number(n) and 0 <= n <= _MOST_JITTER for n in pair):
        raise InvalidArgument(f"{name}={value!r} is no number from 0 to {_MOST_JITTER}, nor a pair of them")
    return _in_order(name, pair)


def _in_order(name: str, pair: tuple[Number, Number]) -> tuple[Number, Number]:
    low, high = pair
    if low > high:
        raise InvalidArgument(f"{name}={pair!r}: {low!r} is larger than {high!r}")
    return low, high


def drawn_amounts(noise: Noise, drawing: Drawing) -> Callable[[str, int, int], int]:
    """Draw what decides how much of each noise there is: ``amount(name, low, high)`` is then within bounds.

    However many there are, as much is drawn; or what is shorter, an answer that misses all, would be simpler.
    """
    spans = {name: getattr(noise, name) for name in _SPANS}
    open_ = any(isinstance(span, tuple) and span[0] < span[1] for span in spans.values())
    held = drawing.source.randbytes(2 * len(_SPANS)) if open_ else bytes(2 * len(_SPANS))

    def amount(name: str, low: int, high: int) -> int:
        at = 2 * _SPANS.index(name)
        return low + ((held[at] << 8 | held[at + 1]) * (high - low + 1) >> 16)

    return amount


def some(number: int, keys: Sequence[int]) -> set[int]:
    """Return which of several are meant, one for each key; the first of them are the simplest."""
    return set(sorted(range(len(keys)), key=lambda i: -keys[i])[:number])


def one_of(choices: Sequence[T], byte: int) -> T:
    """Return one of several, as a byte says."""
    return choices[byte * len(choices) >> 8]


def spread(start: float, end: float, u: int) -> float:
    """Return a number from ``start`` on and before ``end``, as far along as two bytes say."""
    found = start + (end - start) * u / 0x10000
    return start if found == end else found
