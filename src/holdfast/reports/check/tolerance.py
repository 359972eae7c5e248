"""The tolerance table: which values make a number as it was worded true, which false, which neither; pure."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from holdfast.reports.claim import Quantity
from holdfast.reports.verdict import FALSE, TRUE, UNKNOWN

__all__ = ["Bounds", "Zones", "judge", "length_zones", "understates", "zones"]

Span = tuple[Fraction | None, bool, Fraction | None, bool]
"""From, whether that value is in it, to, whether that value is in it; None is without end."""


class Bounds(msgspec.Struct, frozen=True):
    """What a value may have been: from `low` to `high`, both included; None where nothing bounds it."""

    low: int | None
    high: int | None


class Zones(msgspec.Struct, frozen=True):
    """Values that make a claim true, and those that make it false; what lies in neither decides nothing. `rule`: the row
    of the table, in words."""

    true: tuple[Span, ...]
    false: tuple[Span, ...]
    rule: str

    def swapped(self) -> Zones:
        """The same for a claim that denies it."""
        return Zones(self.false, self.true, f"not so: {self.rule}")


def _less(limit: Fraction, included: bool = False) -> Span:
    return None, False, limit, included


def _more(limit: Fraction, included: bool = False) -> Span:
    return limit, included, None, False


def _between(low: Fraction, low_in: bool, high: Fraction, high_in: bool) -> Span:
    return low, low_in, high, high_in


def zones(quantity: Quantity, *, vague: bool = False) -> Zones:
    """The zones of a counted number. `vague`: a plural such as "hundreds", whose bounds are those of its decade."""
    low, high = Fraction(quantity.lo), Fraction(quantity.hi)
    granule = Fraction(max(1, quantity.granule))
    if vague:
        start = Fraction(_decade(quantity.lo))
        return Zones(
            (_between(start, True, start * 10, False),),
            (_less(start / 3), _more(start * 10 * 3)),
            f"in the decade it names: {_n(start)} up to {_n(start * 10)}; false beyond three times that",
        )
    match quantity.comparator:
        case "over":
            return Zones((_more(low),), (_less(low),), f"more than {_n(low)}")
        case "at_least":
            return Zones((_more(low, True),), (_less(low),), f"{_n(low)} or more")
        case "under":
            return Zones((_less(high),), (_more(high),), f"less than {_n(high)}")
        case "up_to":
            return Zones((_less(high, True),), (_more(high),), f"{_n(high)} or less")
        case "nearly":
            return Zones(
                (_between(low * Fraction(9, 10), True, high, False),),
                (_less(low * Fraction(8, 10)), _more(high + granule)),
                f"nearly {_n(high)}: from {_n(low * Fraction(9, 10))}, below it",
            )
        case "about":
            near = max(low / 10, granule / 2)
            far_low, far_high = max(low / 4, granule), max(high / 4, granule)
            return Zones(
                (_between(low - near, True, high + near, True),),
                (_less(low - far_low), _more(high + far_high)),
                f"about {_n(low)}: within {_n(near)}; false beyond {_n(far_low)}",
            )
    if granule > 1 or low != high:
        far_low, far_high = max(low / 4, granule), max(high / 4, granule)
        return Zones(
            (_between(low - granule / 2, True, high + granule, False),),
            (_less(low - far_low), _more(high + far_high)),
            f"a round number: {_n(low - granule / 2)} up to {_n(high + granule)} (rounded or cut); false beyond {_n(far_low)}",
        )
    return Zones((_between(low, True, high, True),), (_less(low), _more(high)), f"exactly {_n(low)}")


def length_zones(quantity: Quantity) -> Zones:
    """The zones of a length in seconds: "nine-minute" is 8:30 up to 10:00, and false below 8:00 and from 11:00 on."""
    low, high = Fraction(quantity.lo), Fraction(quantity.hi)
    granule = Fraction(max(1, quantity.granule))
    if quantity.comparator == "exact":
        low, high = Fraction(quantity.lo), Fraction(quantity.hi)
        written = max(1, quantity.granule)
        granule = Fraction(max(unit for unit in (1, 60, 3600) if unit <= written))
        # A length told to the second may be rounded either way by whoever shows it.
        slack = granule / 2 if granule > 1 else Fraction(1)
        above = granule if granule > 1 else Fraction(2)
        # "Ten-minute", "half-hour": round numbers are rounder than they look, so that more of them is grey.
        rounder = low / 4 if written > granule else Fraction(0)
        least, most = low - max(granule, rounder), high + max(2 * granule, rounder)
        return Zones(
            (_between(low - slack, True, high + above, False),),
            (_less(least), _more(most, True)),
            f"{_clock(low - slack)} up to {_clock(high + above)} (rounded or cut); "
            f"false below {_clock(least)} and from {_clock(most)} on",
        )
    return zones(quantity)


def _decade(value: int) -> int:
    decade = 1
    while decade * 10 <= value:
        decade *= 10
    return decade


def judge(found: Zones, true_if: Bounds, false_if: Bounds | None = None) -> str:
    """TRUE if all of `true_if` lies in the true zone, FALSE if all of `false_if` (by default the same) lies in the false one,
    on one side of it; else UNKNOWN."""
    if any(_holds(span, true_if) for span in found.true):
        return TRUE
    if any(_holds(span, false_if or true_if) for span in found.false):
        return FALSE
    return UNKNOWN


def _holds(span: Span, bounds: Bounds) -> bool:
    low, low_in, high, high_in = span
    if low is not None and (bounds.low is None or bounds.low < low or (bounds.low == low and not low_in)):
        return False
    return high is None or (
        bounds.high is not None and (bounds.high < high or (bounds.high == high and high_in))
    )


def understates(quantity: Quantity, bounds: Bounds) -> bool:
    """Whether "over N" is true of more than twice N."""
    return (
        quantity.comparator in ("over", "at_least")
        and bounds.low is not None
        and bounds.low > 2 * quantity.lo
    )


def _n(value: Fraction) -> str:
    whole = value.numerator // value.denominator
    return f"{whole:,}" if value == whole else f"{whole:,}.{round((value - whole) * 10)}"


def _clock(value: Fraction) -> str:
    seconds = max(0, value.numerator // value.denominator)
    return f"{seconds // 60}:{seconds % 60:02}"
