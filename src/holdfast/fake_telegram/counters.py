"""Writes counters and lengths as the pages do."""

from __future__ import annotations

__all__ = ["abbreviated", "counted", "duration", "spaced"]


def abbreviated(count: int, rounding: str = "cut", decimal_mark: str = ".") -> str:
    """A counter as pages show it: exact below 1,000, then with one decimal and K or M. `rounding`: "cut", or "round" half up."""
    if count < 1_000:
        return str(count)
    shown = ""
    for unit, name in ((1_000, "K"), (1_000_000, "M"), (1_000_000_000, "B")):
        tenths = (count * 10 + (unit // 2 if rounding == "round" else 0)) // unit
        whole, tenth = divmod(tenths, 10)
        shown = f"{whole}{decimal_mark}{tenth}{name}" if tenth else f"{whole}{name}"
        # 999,950 rounds to 1000.0K, which is written as the next unit's 1M.
        if whole < 1_000:
            break
    return shown


def spaced(count: int) -> str:
    """An exact counter in groups of three, parted by spaces, as landing pages write it."""
    return f"{count:,}".replace(",", " ")


def counted(shown: str, count: int, noun: str) -> str:
    """`shown` with its noun, in the singular for one."""
    return f"{shown} {noun if count == 1 else noun + 's'}"


def duration(seconds: int) -> str:
    """A length in time: 0:06, 9:00, 1:02:03."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
