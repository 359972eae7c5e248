"""Says what goes wrong with an ask, the same way every time, and makes a good answer bad."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from email.utils import formatdate
from fnmatch import fnmatchcase

import msgspec

from holdfast.fake_telegram.answers import Answer
from holdfast.fake_telegram.parts import Fault

__all__ = ["FaultPlan", "spoiled"]

_CLASS = re.compile(r"(?<=[\"\s])tgme_widget_(?=message|service)")
_BLOCK = '<div class="tgme_widget_message_bubble">'
_STRANGE = (
    f'{_BLOCK}<div class="tgme_widget_message_hologram js-hologram" data-depth="3">'
    '<tg-hologram layer="2">◇</tg-hologram></div>'
)


class FaultPlan:
    """Picks the fault of each ask. What befalls the n-th ask of an address depends on the seed, the address and n alone,
    so that the order in which other addresses are asked for changes nothing."""

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._faults = tuple(enumerate(faults))
        self._seed = seed
        self._asked: Counter[tuple[int, str]] = Counter()

    def pick(self, target: str, at: float) -> tuple[Fault | None, int]:
        """The first fault of the scenario that hits this ask, and how many seconds the server's clock is off."""
        found: Fault | None = None
        skew_s = 0
        for number, fault in self._faults:
            if not fault.from_at <= at < fault.until_at or fault.kind == "refuse":
                continue
            if not fnmatchcase(target, fault.path):
                continue
            self._asked[number, target] += 1
            count = self._asked[number, target]
            if fault.first is not None and count > fault.first:
                continue
            if fault.probability < 1 and self._chance(number, target, count) >= fault.probability:
                continue
            if fault.kind == "clock":
                skew_s += fault.skew_s
            elif found is None:
                found = fault
        return found, skew_s

    def _chance(self, number: int, target: str, count: int) -> float:
        text = f"{self._seed}/{number}/{count}/{target}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48

    def refuses(self, at: float) -> bool:
        """Whether no connection is taken at this time."""
        return any(
            fault.kind == "refuse" and fault.from_at <= at < fault.until_at for _, fault in self._faults
        )

    @property
    def ever_refuses(self) -> bool:
        return any(fault.kind == "refuse" for _, fault in self._faults)


def spoiled(fault: Fault, good: Answer, server_time: float) -> Answer:
    """The answer as the fault leaves it, as far as that lies in status, headers and body. Cuts and waits are the server's to make."""
    if fault.kind == "status":
        headers = [("Content-Type", "text/html; charset=utf-8")]
        if fault.retry_after_s is not None:
            until = formatdate(server_time + fault.retry_after_s, usegmt=True)
            headers.append(
                ("Retry-After", until if fault.retry_after_as == "date" else str(fault.retry_after_s))
            )
        body = f"<!DOCTYPE html>\n<html><body><h1>{fault.status}</h1></body></html>\n"
        return Answer(fault.status, tuple(headers), body.encode())
    if fault.kind == "garbage":
        noise = hashlib.shake_128(good.body or b"garbage").digest(max(256, len(good.body)))
        return msgspec.structs.replace(good, body=noise, file=None)
    if fault.kind == "layout" and good.file is None:
        text = good.body.decode()
        changed = text.replace(_BLOCK, _STRANGE) if fault.form == "extra" else _CLASS.sub("tgx_", text)
        return msgspec.structs.replace(good, body=changed.encode())
    if fault.kind == "charset" and good.file is None:
        return _recoded(fault, good)
    return good


def _recoded(fault: Fault, good: Answer) -> Answer:
    body, said = good.body, "windows-1251"
    if fault.form == "utf-16":
        body, said = body.decode().encode("utf-16"), "utf-16"
    elif fault.form == "windows-1251":
        body = body.decode().encode("windows-1251", "xmlcharrefreplace")
    headers = tuple(
        (name, f"text/html; charset={said}" if name == "Content-Type" else value)
        for name, value in good.headers
    )
    return Answer(good.status, headers, body)
