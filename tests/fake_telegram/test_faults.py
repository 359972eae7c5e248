"""What goes wrong, and that it goes wrong the same way every time."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from holdfast.fake_telegram import Answer, Scenario, render_channel
from holdfast.fake_telegram.faults import FaultPlan, spoiled
from tests.fake_telegram.scenes import HOUR, START, posts, scenario, seen

PAGE = "/s/Pier_News"


def told(fault: str, *, seed: int = 0) -> Scenario:
    return scenario(posts(3) + f"[[fault]]\n{fault}\n", head=f"seed = {seed}")


def plan(fault: str, *, seed: int = 0) -> FaultPlan:
    made = told(fault, seed=seed)
    return FaultPlan(made.faults, made.seed)


def picks(plan: FaultPlan, target: str, count: int, at: float = START) -> list[bool]:
    return [plan.pick(target, at)[0] is not None for _ in range(count)]


def spoil(fault: str) -> Answer:
    made = told(fault)
    good = render_channel(made, "Pier_News", None, START + HOUR)
    return spoiled(made.faults[0], good, START)


def test_a_fault_hits_inside_its_window_and_its_addresses_alone() -> None:
    made = plan('kind = "status"\nfrom = "+1h"\nuntil = "+2h"\npath = "/s/*"')
    assert [bool(picks(made, PAGE, 1, START + at)[0]) for at in (3599, 3600, 7199, 7200)] == [
        False,
        True,
        True,
        False,
    ]
    assert picks(made, "/Pier_News/3?embed=1", 1, START + 3600) == [False]


def test_only_the_first_asks_of_each_address_may_be_hit() -> None:
    made = plan('kind = "status"\nfirst = 2')
    assert picks(made, PAGE, 4) == [True, True, False, False]
    assert picks(made, "/s/other", 3) == [True, True, False]


def test_chance_depends_on_seed_address_and_count_alone() -> None:
    fault = 'kind = "status"\nprobability = 0.3'
    first = picks(plan(fault), PAGE, 400)
    assert 80 < sum(first) < 160
    mixed = plan(fault)
    among_others = []
    for number in range(400):
        mixed.pick(f"/s/other{number}", START)
        among_others += picks(mixed, PAGE, 1)
    assert among_others == first
    assert picks(plan(fault, seed=1), PAGE, 400) != first


def test_a_wrong_clock_goes_together_with_another_fault() -> None:
    made = scenario(
        '[[fault]]\nkind = "clock"\nskew = -3600\n[[fault]]\nkind = "clock"\nskew = 60\n[[fault]]\nkind = "status"\n'
        '[[fault]]\nkind = "hang"\n'
    )
    fault, skew = FaultPlan(made.faults, 0).pick(PAGE, START)
    assert (fault and fault.kind, skew) == ("status", -3540)


def test_a_refusal_is_no_fault_of_an_answer() -> None:
    made = plan('kind = "refuse"\nfrom = "+1h"\nuntil = "+2h"')
    assert (made.ever_refuses, plan('kind = "hang"').ever_refuses) == (True, False)
    assert [made.refuses(START + at) for at in (3599, 3600, 7200)] == [False, True, False]
    assert made.pick(PAGE, START + 3600) == (None, 0)


def test_a_status_may_say_when_to_come_back_in_seconds_or_as_a_date() -> None:
    seconds = dict(spoil('kind = "status"\nstatus = 429\nretry_after = 30').headers)
    date = dict(spoil('kind = "status"\nstatus = 503\nretry_after = 30\nretry_after_as = "date"').headers)
    assert seconds["Retry-After"] == "30"
    assert parsedate_to_datetime(date["Retry-After"]).timestamp() == START + 30
    silent = spoil('kind = "status"\nstatus = 429')
    assert (silent.status, "Retry-After" in dict(silent.headers)) == (429, False)
    assert seen(silent).answered == "rate limited"


def test_garbage_is_of_the_size_of_the_page_and_nothing_of_it_is_read() -> None:
    good = render_channel(told('kind = "garbage"'), "Pier_News", None, START + HOUR)
    bad = spoil('kind = "garbage"')
    assert len(bad.body) == len(good.body)
    assert seen(bad).posts == ()


def test_strange_markup_is_noticed_and_the_posts_are_still_there() -> None:
    shown = seen(spoil('kind = "layout"'))
    assert shown.ids == (1, 2, 3)
    assert shown.unknown


def test_renamed_markup_is_never_taken_for_an_empty_channel() -> None:
    shown = seen(spoil('kind = "layout"\nform = "renamed"'))
    assert shown.posts == ()
    assert not (shown.answered == "shown" and shown.is_start)


def test_a_page_in_another_charset_says_so_or_lies_about_it() -> None:
    utf_16, cyrillic, lie = (
        spoil(f'kind = "charset"\nform = "{form}"') for form in ("utf-16", "windows-1251", "mislabelled")
    )
    assert dict(utf_16.headers)["Content-Type"] == "text/html; charset=utf-16"
    assert utf_16.body.decode("utf-16").startswith("<!DOCTYPE")
    assert "– Telegram" in cyrillic.body.decode("windows-1251")
    assert dict(lie.headers)["Content-Type"] == "text/html; charset=windows-1251"
    assert "– Telegram" in lie.body.decode("utf-8")


def test_a_fault_of_the_connection_leaves_the_answer_alone() -> None:
    good = render_channel(told('kind = "cut"'), "Pier_News", None, START + HOUR)
    assert spoil('kind = "cut"') == good
