"""The check of a proof in the browser: whole proofs hold, and each untruth fails at the step that it belongs to."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.browsing import Misdeeds, enter
from tests.web.desks import Served

pytestmark = pytest.mark.slow
CHANNEL = "4000000001"
POST = f"/post/13/{CHANNEL}"


def checked(page: Page) -> str:
    """Press the button; what the page says in the end: good, bad or unknown."""
    page.get_by_role("button", name="Check the proof in this browser").click()
    return verdict(page)


def verdict(page: Page) -> str:
    expect(page.locator("#checking")).to_have_attribute("data-verdict", re.compile("good|bad|unknown"))
    return str(page.locator("#checking").get_attribute("data-verdict"))


def steps(page: Page, state: str) -> set[tuple[str, str]]:
    """The steps in a state, with the entry of each."""
    found = page.locator(f"#check-steps li[data-state={state}]")
    return {tuple(each) for each in found.evaluate_all("(all) => all.map((e) => [e.dataset.step, e.dataset.index])")}  # fmt: skip


@pytest.mark.parametrize("number", [7, 11, 12, 13])
def test_a_proof_is_checked_in_the_browser_step_by_step(
    page: Page, misdeeds: Misdeeds, shown: Served, number: int
) -> None:
    found = shown
    enter(page, found)
    page.goto(f"{found.base}/post/{number}/{CHANNEL}")
    assert checked(page) == "good", page.locator("#check-steps").inner_text()
    proof = found.data(f"/proof/{number}/{CHANNEL}")
    entries = {str(each["index"]) for each in proof["entries"]}
    expected = {("signature", "")} | {
        (step, entry) for step in ("leaf", "inclusion", "disclosure") for entry in entries
    }
    assert steps(page, "holds") - {("shown", entry) for entry in entries} == expected
    assert len([each for each in steps(page, "holds") if each[0] == "shown"]) == 1
    assert not steps(page, "fails") | steps(page, "unchecked")
    expect(page.locator("#check-verdict")).to_have_text("Everything that was checked holds.")
    misdeeds.none_on(found)


def test_each_step_shows_its_values(page: Page, live: Served) -> None:
    enter(page, live)
    page.goto(live.base + POST)
    checked(page)
    root = live.data("/vault")["checkpoint"]["root"]
    [key] = [each for each in live.data("/vault")["keys"] if len(each) < 200]
    told = page.locator("#check-steps")
    expect(told.locator("li > details[open]:has(ol)")).to_have_count(1)
    for words in (root, "root_computed", "siblings", "leaf_hash", "маяка", key):
        expect(told).to_contain_text(words)
    expect(told).to_contain_text("Compare this key with one that you have from elsewhere")
    details = told.locator("li[data-step=inclusion] details").last
    expect(details.locator("pre")).to_be_hidden()
    told.locator("li > details:has(ol):not([open]) > summary").last.click()
    details.locator("summary").click()
    expect(details.locator("pre")).to_be_visible()


# -- untruths -----------------------------------------------------------------------------------------

Proof = dict[str, Any]


class Item:
    """The last entry of a proof that discloses a text, taken apart and put together again."""

    def __init__(self, proof: Proof) -> None:
        self.item = next(
            each for each in reversed(proof["entries"]) if any(map(is_text, each["disclosures"]))
        )
        head, _, self.note = b64decode(self.item["proof"]).partition(b"\n\n")
        self.lines = head.split(b"\n")

    @property
    def index(self) -> str:
        return str(self.item["index"])

    def store(self) -> None:
        self.item["proof"] = b64encode(b"\n".join(self.lines) + b"\n\n" + self.note).decode()


def opened(disclosure: str) -> bytes:
    return urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4))


def is_text(disclosure: str) -> bool:
    return b'"text",' in opened(disclosure)[:40]


def closed(text: bytes) -> str:
    return urlsafe_b64encode(text).decode().rstrip("=")


def of_every_note(proof: Proof, change: Callable[[bytes], bytes]) -> None:
    """Change the checkpoint everywhere alike."""
    note = change(b64decode(proof["checkpoint"]))
    assert note != b64decode(proof["checkpoint"])
    proof["checkpoint"] = b64encode(note).decode()
    for each in proof["entries"]:
        head, _, _ = b64decode(each["proof"]).partition(b"\n\n")
        each["proof"] = b64encode(head + b"\n\n" + note).decode()


def another_signature(proof: Proof) -> None:
    def change(note: bytes) -> bytes:
        origin = note.split(b"\n", 1)[0]
        at = note.index("\n— ".encode() + origin) + len("\n— ".encode() + origin) + 20
        return note[:at] + (b"B" if note[at : at + 1] == b"A" else b"A") + note[at + 1 :]

    of_every_note(proof, change)


def another_size(proof: Proof) -> None:
    def change(note: bytes) -> bytes:
        origin, size, rest = note.split(b"\n", 2)
        return b"\n".join((origin, str(int(size) * 4096).encode(), rest))

    of_every_note(proof, change)


def another_root(proof: Proof) -> None:
    def change(note: bytes) -> bytes:
        origin, size, _, rest = note.split(b"\n", 3)
        return b"\n".join((origin, size, b64encode(bytes(32)), rest))

    of_every_note(proof, change)


def another_key(proof: Proof) -> None:
    proof["keys"] = ["test.example/web+00000000+" + b64encode(b"\x01" + bytes(32)).decode()]


def no_key(proof: Proof) -> None:
    proof["keys"] = [each.replace("test.example/web", "evil.example") for each in proof["keys"]]


def another_checkpoint_in_the_proof(proof: Proof) -> None:
    item = Item(proof)
    item.note = item.note[:-2] + b"\n"
    item.store()


def another_sibling(proof: Proof) -> None:
    item = Item(proof)
    item.lines[3] = b64encode(bytes(32))
    item.store()


def a_sibling_less(proof: Proof) -> None:
    item = Item(proof)
    del item.lines[-1]
    item.store()


def a_sibling_more(proof: Proof) -> None:
    item = Item(proof)
    item.lines.append(b64encode(bytes(32)))
    item.store()


def another_index(proof: Proof) -> None:
    item = Item(proof)
    item.lines[2] = b"index 0"
    item.store()


def another_time_in_the_entry(proof: Proof) -> None:
    item = Item(proof)
    entry = b64decode(item.lines[1].removeprefix(b"extra "))
    changed = entry.replace(b'"ts":"2', b'"ts":"3')
    assert changed != entry
    item.lines[1] = b"extra " + b64encode(changed)
    item.store()


def another_text(proof: Proof) -> None:
    item = Item(proof).item
    [at] = [at for at, each in enumerate(item["disclosures"]) if is_text(each)]
    item["disclosures"][at] = closed(opened(item["disclosures"][at]).replace(b"19", b"18"))


def a_disclosure_more(proof: Proof) -> None:
    Item(proof).item["disclosures"].append(closed(b'["AAAAAAAAAAAAAAAAAAAAAA","text","untrue"]'))


def no_disclosure(proof: Proof) -> None:
    Item(proof).item["disclosures"].clear()


def a_text_less(proof: Proof) -> None:
    item = Item(proof).item
    item["disclosures"] = [each for each in item["disclosures"] if not is_text(each)]


@pytest.mark.parametrize(
    ("untruth", "failing"),
    [
        (another_signature, {"signature"}),
        (another_size, {"signature", "inclusion"}),
        (another_root, {"signature", "inclusion"}),
        (another_key, {"signature"}),
        (no_key, {"signature"}),
        (another_checkpoint_in_the_proof, {"leaf"}),
        (another_sibling, {"inclusion"}),
        (a_sibling_less, {"inclusion"}),
        (a_sibling_more, {"inclusion"}),
        (another_index, {"leaf", "inclusion"}),
        (another_time_in_the_entry, {"inclusion"}),
        (another_text, {"disclosure", "shown"}),
        (a_disclosure_more, {"disclosure"}),
        (no_disclosure, {"disclosure"}),
        (a_text_less, {"shown"}),
    ],
)
def test_an_untruth_fails_at_its_step_and_at_no_other(
    page: Page, live: Served, untruth: Callable[[Proof], None], failing: set[str]
) -> None:
    proof = live.data(f"/proof/13/{CHANNEL}")
    wounded = Item(proof).index
    untruth(proof)
    with_proof(page, live, proof)
    assert checked(page) == "bad"
    entries = {str(each["index"]) for each in proof["entries"]}
    found = steps(page, "fails")
    assert {step for step, _ in found} == failing, page.locator("#check-steps").inner_text()
    if "signature" not in failing:
        assert {entry for _, entry in found} == {wounded}, "no other entry is accused"
    elif "inclusion" in failing:
        assert {entry for step, entry in found if step == "inclusion"} == entries
    expect(page.locator("#check-verdict")).to_have_text("Something does not hold: keep this copy untouched.")


def with_proof(page: Page, found: Served, proof: object) -> None:
    """Open the post's page of a server that hands out this proof."""

    def answer(route: Route) -> None:
        route.fulfill(json={"ok": True, "data": proof})

    enter(page, found)
    page.goto(found.base + POST)
    page.route("**/api/v1/proof/**", answer)


def test_a_page_that_shows_other_words_than_the_proof_is_caught(page: Page, live: Served) -> None:
    enter(page, live)
    page.goto(live.base + POST)
    page.evaluate("document.getElementById('captured').textContent = 'other words'")
    assert checked(page) == "bad"
    assert {step for step, _ in steps(page, "fails")} == {"shown"}


def test_the_proof_of_another_post_proves_nothing_of_this_one(page: Page, live: Served) -> None:
    with_proof(page, live, live.data(f"/proof/12/{CHANNEL}"))
    assert checked(page) == "bad"
    assert steps(page, "fails") == {("shown", "")}


def test_what_a_neighbour_in_the_entry_says_does_not_count(page: Page, demo: Served) -> None:
    """A server that shows one post's words as another's, with both disclosed."""
    proof, other = demo.data(f"/proof/9/{CHANNEL}"), demo.data(f"/proof/10/{CHANNEL}")
    mine, its = Item(proof), Item(other)
    assert mine.index == its.index, "they stand in one entry"
    mine.item["disclosures"] += [
        each for each in its.item["disclosures"] if each not in mine.item["disclosures"]
    ]

    enter(page, demo)
    page.goto(f"{demo.base}/post/10/{CHANNEL}")
    words = page.locator("#captured").inner_text()
    page.goto(f"{demo.base}/post/9/{CHANNEL}")
    page.route("**/api/v1/proof/**", lambda route: route.fulfill(json={"ok": True, "data": proof}))
    assert checked(page) == "good"
    page.evaluate("(words) => { document.getElementById('captured').textContent = words; }", words)
    assert checked(page) == "bad"
    assert {step for step, _ in steps(page, "fails")} == {"shown"}


def test_what_is_no_proof_is_not_called_one(page: Page, live: Served, tmp_path: Path) -> None:
    enter(page, live)
    page.goto(live.base + POST)
    odd: tuple[object, ...] = (None, [], "nonsense", {}, {"entries": []}, {"entries": "x"},
                               {"entries": [{}], "checkpoint": "AA==", "keys": []})  # fmt: skip
    for at, proof in enumerate(odd):
        (tmp_path / f"{at}.json").write_text(json.dumps(proof))
        page.get_by_label("Check a proof file").set_input_files(tmp_path / f"{at}.json")
        assert verdict(page) == "bad", proof
        expect(page.locator("#check-steps")).to_contain_text("The proof cannot be read.")


def test_a_proof_without_entries_does_not_hold_even_if_its_checkpoint_does(page: Page, live: Served) -> None:
    proof = live.data(f"/proof/13/{CHANNEL}")
    with_proof(page, live, {**proof, "entries": []})
    assert checked(page) == "bad"


# -- what a browser lacks -----------------------------------------------------------------------------


def test_without_webcrypto_all_but_the_signature_is_checked(page: Page, live: Served) -> None:
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})")
    enter(page, live)
    page.goto(live.base + POST)
    assert checked(page) == "unknown", page.locator("#check-steps").inner_text()
    assert steps(page, "unchecked") == {("signature", "")}
    assert not steps(page, "fails")
    expect(page.locator("#check-verdict")).to_have_text("Not everything could be checked in this browser.")


def test_without_ed25519_all_but_the_signature_is_checked(page: Page, live: Served) -> None:
    page.add_init_script(
        "const own = SubtleCrypto.prototype.importKey; SubtleCrypto.prototype.importKey = function (form, key, name, ...rest) {"
        " return name === 'Ed25519' ? Promise.reject(new DOMException('no', 'NotSupportedError')) : own.call(this, form, key, name, ...rest); }"
    )
    enter(page, live)
    page.goto(live.base + POST)
    assert checked(page) == "unknown"
    assert steps(page, "unchecked") == {("signature", "")}


def test_without_webcrypto_an_untruth_still_fails(page: Page, live: Served) -> None:
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})")
    proof = live.data(f"/proof/13/{CHANNEL}")
    another_time_in_the_entry(proof)
    with_proof(page, live, proof)
    assert checked(page) == "bad"
    assert {step for step, _ in steps(page, "fails")} == {"inclusion"}


# -- proofs in files ----------------------------------------------------------------------------------


def test_a_proof_is_saved_as_a_file_and_checked_from_it(page: Page, live: Served, tmp_path: Path) -> None:
    enter(page, live)
    page.goto(live.base + POST)
    with page.expect_download() as waited:
        page.get_by_role("link", name="Save the proof as a file").click()
    path = tmp_path / waited.value.suggested_filename
    waited.value.save_as(path)
    assert path.name == "proof-13.json"
    page.goto(f"{live.base}/post/12/{CHANNEL}")
    page.get_by_label("Check a proof file").set_input_files(path)
    assert verdict(page) == "good", "a file is checked by itself, whatever the page shows"
    whole = json.loads(path.read_bytes())
    another_text(whole["data"])
    path.write_text(json.dumps(whole["data"]))
    page.get_by_label("Check a proof file").set_input_files(path)
    expect(page.locator("#checking")).to_have_attribute("data-verdict", "bad")
    assert {step for step, _ in steps(page, "fails")} == {"disclosure"}
