"""What the archive knows of a fact, and pointers that are opened again: one that lies is found out."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from holdfast.errors import IntegrityError
from holdfast.reports.evidence import Archived
from holdfast.reports.pointers import recheck
from holdfast.reports.transcripts import import_transcript
from holdfast.reports.verdict import Pointer
from tests.reports.archives import TRANSCRIPT, opened, pier_vault


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = pier_vault(tmp_path_factory.mktemp("evidence") / "vault")
    with opened(folder) as archive:
        import_transcript(archive, TRANSCRIPT, "4000000001/8")
    return folder


@pytest.fixture
def view(vault: Path) -> Iterator[Archived]:
    with opened(vault) as archive:
        yield Archived(archive)


def pointers(view: Archived) -> list[Pointer]:
    """One of every kind that a check can rest on."""
    (row,) = view.channels
    posts = {post.post: post for post in view.posts(row, None, None)}
    presence = view.post_presence(row, posts[12])
    looked = next(mark.pointer for mark in presence if mark.pointer.unit == "coverage")
    held = msgspec.structs.replace(
        view.counter(row, 12, "views")[0].pointer, held_by=looked.entry, held_until=looked.seen_at
    )
    return [
        *[each.pointer for each in view.counter(row, 8, "views")],
        view.counter(row, 8, "reactions")[-1].pointer,
        view.followers(row)[0].pointer,
        *[each.pointer for each in view.presence(row)][-2:],
        next(mark.pointer for mark in presence if mark.is_there),
        next(mark.pointer for mark in presence if not mark.is_there),
        looked,
        held,
        *[each.pointer for each in view.texts(row, [posts[13]])],
        msgspec.structs.replace(
            view.place(row, 8, *posts[8].places[-1], "media", "media[0].duration_s"), low=540, high=540
        ),
        msgspec.structs.replace(
            view.place(row, 8, *posts[8].places[-1], "post", "published_at"), value="2023-11-16T22:00:00Z"
        ),
    ]


def test_every_pointer_opens_again_to_what_it_says(view: Archived) -> None:
    found = pointers(view)
    for pointer in found:
        recheck(view, pointer)
    assert any(pointer.held_by is not None for pointer in found)
    assert {"metrics", "followers", "standing", "absence", "coverage", "text", "media", "post"} <= {
        each.unit for each in found
    }


LIES = {
    "low": lambda each: (each.low or 0) + 1,
    "value": lambda _: "another",
    "seen_at": lambda _: "2023-11-16T10:00:01Z",
    "post": lambda _: "999999",
    "held_until": lambda _: "2023-11-16T10:00:02Z",
    "artefact": lambda _: "0" * 64,
}


@pytest.mark.parametrize("field", sorted(LIES))
def test_a_pointer_that_says_something_else_is_found_out(view: Archived, field: str) -> None:
    tried = 0
    for pointer in pointers(view):
        if getattr(pointer, field) is None or (field == "post" and pointer.unit in ("followers", "standing")):
            continue
        if field == "value" and pointer.unit in ("absence", "coverage"):
            continue  # what was answered is told by the tables; the entry holds that the post was missing
        lie = msgspec.structs.replace(pointer, **{field: LIES[field](pointer)})  # type: ignore[no-untyped-call]
        with pytest.raises(IntegrityError):
            recheck(view, lie)
        tried += 1
    assert tried


def test_a_pointer_to_an_element_or_mark_that_is_not_there_is_found_out(view: Archived) -> None:
    (row,) = view.channels
    label = Pointer(
        view.followers(row)[0].pointer.entry,
        "labels",
        "label:scam",
        view.followers(row)[0].pointer.seen_at,
        value="there",
    )
    with pytest.raises(IntegrityError):
        recheck(view, label)


def test_a_pointer_into_what_is_not_published_or_of_another_post_is_found_out(view: Archived) -> None:
    (row,) = view.channels
    true = view.counter(row, 8, "views")[0].pointer
    for lie in (
        msgspec.structs.replace(true, element=99),
        msgspec.structs.replace(true, channel="7"),
        msgspec.structs.replace(true, field="forwards"),
    ):
        with pytest.raises(IntegrityError):
            recheck(view, lie)
    looked = next(each for each in pointers(view) if each.unit == "coverage")
    with pytest.raises(IntegrityError):
        recheck(view, msgspec.structs.replace(looked, channel="7"))


def test_a_transcripts_pointer_must_name_its_post_and_its_bytes(view: Archived) -> None:
    with view.engine.connect() as connection:
        entry, seen_at, digest = connection.exec_driver_sql(
            "SELECT entry, seen_at, artefact FROM transcript"
        ).one()
    true = Pointer(entry, "transcript", "segments", seen_at, None, "4000000001", "8", artefact=digest)
    recheck(view, true)
    assert digest == sha256((TRANSCRIPT).read_bytes()).hexdigest()
    with pytest.raises(IntegrityError):
        recheck(view, msgspec.structs.replace(true, post="9"))


def test_a_post_that_was_edited_has_two_texts_and_one_that_went_has_marks_both_ways(view: Archived) -> None:
    (row,) = view.channels
    posts = {post.post: post for post in view.posts(row, None, None)}
    assert len(list(view.texts(row, [posts[13]]))) == 2
    marks = [mark.is_there for mark in view.post_presence(row, posts[12])]
    assert marks[0]
    assert not marks[-1]
    assert [mark.is_there for mark in view.presence(row)][-1] is False
    assert view.labels(row, "scam") == []


def test_a_channel_is_known_by_every_name_it_bore_and_what_stands_for_it(view: Archived) -> None:
    names = {(each.name, each.how) for each in view.names}
    assert ("quiet_shore_demo", "username") in names
    assert ("Тихий берег", "title") in names
