"""Quotations: what is speech, who said it, and what only looks like speech."""

from __future__ import annotations

import pytest

from holdfast.reports.claim import AttributionLink, Claim
from holdfast.reports.extract import extract

Spoken = list[tuple[str, str | None]]

ENGLISH: list[tuple[str, Spoken]] = [
    ("“We will not leave,” said Ann Lee.", [("We will not leave,", "Ann Lee")]),
    ("“We will not leave,” Ann Lee said on Monday.", [("We will not leave,", "Ann Lee")]),
    ("“We will not leave”, Ann Lee told Harbour News.", [("We will not leave", "Ann Lee")]),
    ("Ann Lee said: “We will not leave.”", [("We will not leave.", "Ann Lee")]),
    ("Ann Lee said, “We will not leave.”", [("We will not leave.", "Ann Lee")]),
    ('"We will not leave," said Ann Lee, a nurse from Graz.', [("We will not leave,", "Ann Lee")]),
    ("'We will not leave,' said Ann Lee.", [("We will not leave,", "Ann Lee")]),
    ("‘We will not leave,’ said Ann Lee.", [("We will not leave,", "Ann Lee")]),
    ("“We will not leave,” said nurse Ann Lee.", [("We will not leave,", "Ann Lee")]),
    ("“Will they leave?” asked Ann Lee.", [("Will they leave?", "Ann Lee")]),
    ("“Never!” Ann Lee shouted.", [("Never!", "Ann Lee")]),
    ("According to Ann Lee, the ship was “never there”.", [("never there", "Ann Lee")]),
    ("“The ship was never there”, according to Ann Lee.", [("The ship was never there", "Ann Lee")]),
    ("Ann Lee, who heads the group, called the fine “a gift to the navy”.", [("a gift to the navy", "Ann Lee")]),
    ("The mayor, Ann Lee, said the ship was “never there”.", [("never there", "Ann Lee")]),
    ("Ann Lee, 43, wrote that the ship “was never there”.", [("was never there", "Ann Lee")]),
    (
        "“We came in May,” said Ann Lee. “Nobody was there.”",
        [("We came in May,", "Ann Lee"), ("Nobody was there.", "Ann Lee")],
    ),
    (
        "“We came in May,” Ann Lee said, “and nobody was there.”",
        [("We came in May,", "Ann Lee"), ("and nobody was there.", "Ann Lee")],
    ),
    (
        "Ann Lee said the ship was “never there” and that the crew “went home”.",
        [("never there", "Ann Lee"), ("went home", "Ann Lee")],
    ),
    (
        "Maria Belova came first. “Nobody was there,” she said.",
        [("Nobody was there,", "Maria Belova")],
    ),
    (
        "“I saw it,” said Oleg Belov. Maria Belova disagreed. “He did not,” she said.",
        [("I saw it,", "Oleg Belov"), ("He did not,", "Maria Belova")],
    ),
    (
        "Maria Belova lost her husband. “I want to know why,” the widow said.",
        [("I want to know why,", "Maria Belova")],
    ),
    ("“Nobody was there,” the group wrote on its channel.", [("Nobody was there,", "the group")]),
    ("A spokesman for the port told Harbour News that the ship “never came in”.", [("never came in", "A spokesman for the port")]),
    ("“Nobody was there at all when we came to the port.”", [("Nobody was there at all when we came to the port.", None)]),
    ("The channel Quiet Barn wrote: “Nobody was there.”", [("Nobody was there.", "Quiet Barn")]),
    ("The so-called “night watch” left the port.", []),
    ("The “partial” call-up began in the port.", []),
    ("The film “Nobody Was There” was shown at the port.", []),
    ("The movement “Open Window” came to the port.", []),
    ("Prices rose in the so-called 'grey' zone of the soldiers' port.", []),
    ("The text of the ‘manifesto’ wasn't shown.", []),
]  # fmt: skip

RUSSIAN: list[tuple[str, Spoken]] = [
    ("«Мы не уйдём», — сказала Анна Белова.", [("Мы не уйдём", "Анна Белова")]),
    ("«Мы не уйдём!» — крикнула Анна Белова.", [("Мы не уйдём!", "Анна Белова")]),
    ("«Мы не уйдём?» — спросила Анна Белова.", [("Мы не уйдём?", "Анна Белова")]),
    ("«Мы не уйдём», сообщила Анна Белова.", [("Мы не уйдём", "Анна Белова")]),
    ('"Мы не уйдём", - сказала Анна Белова.', [("Мы не уйдём", "Анна Белова")]),
    ("Анна Белова сказала: «Мы не уйдём».", [("Мы не уйдём", "Анна Белова")]),
    ("Как заявила Анна Белова, «мы никуда не уйдём».", [("мы никуда не уйдём", "Анна Белова")]),
    ("По словам Анны Беловой, судна «там никогда не было».", [("там никогда не было", "Анны Беловой")]),
    ("«Мы не уйдём», — рассказала «Портовым вестям» медсестра Анна Белова.", [("Мы не уйдём", "Анна Белова")]),
    ("«Мы не уйдём», — заявила в понедельник Анна Белова.", [("Мы не уйдём", "Анна Белова")]),
    ("«Мы не уйдём», — сообщила журналистам глава группы Анна Белова.", [("Мы не уйдём", "Анна Белова")]),
    (
        "«Мы не уйдём, — сказала Анна Белова. — Нам некуда».",
        [("Мы не уйдём,", "Анна Белова"), ("Нам некуда", "Анна Белова")],
    ),
    ("Анна Белова написала, что судна «там никогда не было».", [("там никогда не было", "Анна Белова")]),
    ("Олег Белов молчал. Анна Белова пришла первой. «Никого не было», — сказала она.", [("Никого не было", "Анна Белова")]),
    ("«Никого не было», — говорится в сообщении группы.", [("Никого не было", "сообщении группы")]),
    ("Канал ответил постом: «Мы никуда не уйдём, мы останемся здесь».", [("Мы никуда не уйдём, мы останемся здесь", "Канал")]),
    ("— Мы не уйдём, — сказала Анна Белова.", [("Мы не уйдём,", "Анна Белова")]),
    ("Так называемый «ночной дозор» ушёл из порта.", []),
    ("Канал «Тихий порт» молчит.", []),
    ("Вышел фильм «Никого не было».", []),
    ("«Частичная» мобилизация началась в порту.", []),
    ("Газета «Портовые вести» написала об этом.", []),
]  # fmt: skip


def quotes(text: str) -> list[Claim]:
    return [claim for claim in extract(text, published=None) if claim.kind == "quote"]


def link_of(claim: Claim) -> AttributionLink:
    (link,) = claim.attribution
    return link


def spoken(text: str) -> Spoken:
    found: Spoken = []
    for claim in quotes(text):
        speaker = link_of(claim).speaker
        found.append((claim.span.exact, (speaker.name or speaker.text) if speaker else None))
    return found


@pytest.mark.parametrize(("text", "expected"), ENGLISH, ids=[row[0][:50] for row in ENGLISH])
def test_english_speech_is_found_with_its_speaker(text: str, expected: Spoken) -> None:
    assert [
        (words, who and who.removeprefix("The ").removeprefix("channel ")) for words, who in spoken(text)
    ] == expected


@pytest.mark.parametrize(("text", "expected"), RUSSIAN, ids=[row[0][:50] for row in RUSSIAN])
def test_russian_speech_is_found_with_its_speaker(text: str, expected: Spoken) -> None:
    assert [(words, who and who.removeprefix("в ")) for words, who in spoken(text)] == expected


def test_a_resolved_pronoun_or_role_is_less_sure_than_a_name() -> None:
    named, pronoun = quotes("“I came,” said Maria Belova. Rain fell. “I saw,” she said.")
    role = quotes("Maria Belova came home. “I saw,” the widow said.")[0]
    sure = [link_of(claim).speaker for claim in (named, pronoun, role)]
    assert [speaker.confidence for speaker in sure if speaker] == sorted(
        (s.confidence for s in sure if s), reverse=True
    )
    assert [speaker.text for speaker in sure if speaker] == ["Maria Belova", "she", "the widow"]


def test_a_woman_and_a_man_of_one_surname_stay_two_people() -> None:
    text = "Ilya Rybakov complained. Maria Rybakova replied. “It is a lie,” she said. “It is not,” he said."
    assert spoken(text) == [("It is a lie,", "Maria Rybakova"), ("It is not,", "Ilya Rybakov")]


def test_whom_it_was_said_to_is_part_of_the_attribution() -> None:
    (claim,) = quotes("Ann Lee told The Harbour Times that the ship “never came in”.")
    link = link_of(claim)
    assert link.to is not None
    assert (link.mode, link.cue, link.to.text) == ("mixed", "told", "The Harbour Times")


def test_few_words_are_marked_as_weak() -> None:
    assert quotes("Ann Lee said they had to “wake up” at once.")[0].vague == ("few words",)
    assert quotes("“We have all been here since the war began,” said Ann Lee.")[0].vague == ()


def test_a_quotation_of_several_paragraphs_goes_on() -> None:
    text = "“We came in May,” said Ann Lee.\n\n“Nobody was there.\n\n“It was raining,” she added."
    assert [who for _, who in spoken(text)][-1] == "Ann Lee"


def test_indirect_speech_is_ascribed_too() -> None:
    (claim,) = [
        c for c in extract("Ann Lee said the channel has over 900 followers.", published=None) if c.quantity
    ]
    link = link_of(claim)
    assert link.speaker is not None
    assert (link.mode, link.cue, link.speaker.name) == ("indirect", "said", "Ann Lee")
    (told,) = extract("Ann Lee claimed to have filmed the whole scene from her kitchen.", published=None)
    assert (told.kind, told.extraction.rules) == ("other", ("claim.told",))


def test_a_nested_quotation_is_part_of_the_outer_one() -> None:
    (claim,) = quotes("«Он сказал, что редакция „сгорит“», — сообщила Анна Белова.")
    assert claim.quote == "Он сказал, что редакция „сгорит“"
