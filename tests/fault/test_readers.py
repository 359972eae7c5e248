"""Readers without a lock see every committed entry at every moment, while a writer in another process goes on."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from holdfast.vault.format import tiles
from holdfast.vault.log import Log
from holdfast.vault.merkle import inclusion_proof, leaf_hash, verify_inclusion
from holdfast.vault.reading import Reader
from tests.vault.writers import IDENTITY, Clock, doubt, new_vault, open_log, record, records

SECONDS = 2.0

WRITER = """
import sys
from pathlib import Path
from tests.vault.writers import Clock, START, open_log, records

vault, clock = Path(sys.argv[1]), Clock(START + 1_000)
step = 0
while sys.stdin.readline():
    with open_log(vault, clock) as log:
        for _ in range(8):
            step += 1
            log.append(records(log.size, 3 + 7 * step % 60))
            print(log.size, flush=True)
            if step % 2:
                log.publish()
        log.publish()
print("done", log.size, flush=True)
"""


def test_every_committed_entry_can_be_read_while_a_writer_moves_it(tmp_path: Path, repository: Path) -> None:
    vault = new_vault(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, vault],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=repository,
        env={"PYTHONPATH": f"{repository / 'src'}:{repository}", "PATH": "/usr/bin:/bin"},
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        size, reads, checkpoints = 0, 0, set()
        seen: dict[int, bytes] = {}
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            writer.stdin.write("on\n")
            writer.stdin.flush()
            for _ in range(8):
                size = int(writer.stdout.readline())
                reader = Reader(vault, IDENTITY)
                # The newest, the borders of its bundle, and what has just moved.
                border = size // 256 * 256
                for index in {size - 1, size - 2, border - 1, border - 256, border, size // 2} & set(
                    range(size)
                ):
                    entry, opened = reader.opened(index)
                    assert entry.kind in ("channel", "posts")
                    assert opened.missing == ()
                    assert seen.setdefault(index, reader.raw(index)[0]) == reader.raw(index)[0]
                    reads += 1
                facts, _ = reader.checkpoint()
                head = facts.checkpoint
                checkpoints.add(head.size)
                if head.size:
                    hashes = tiles.TileHashes(head.size, reader.tile)
                    for index in {0, head.size - 1}:
                        proof = inclusion_proof(index, head.size, hashes)
                        leaf = leaf_hash(reader.raw(index)[0])
                        verify_inclusion(leaf, index, head.size, proof, head.root)
                assert len(list(reader.entries(max(0, size - 300), size))) == min(300, size)
        writer.stdin.close()
        assert writer.stdout.readlines()[-1] == f"done {size}\n"
    assert writer.returncode == 0
    assert size > 512
    assert reads > 200
    assert len(checkpoints) > 10
    doubt(vault, size)


def test_readers_find_an_entry_at_every_moment_of_its_move(tmp_path: Path) -> None:
    """Between each file of a bundle and the next, with and without the writer's database."""
    clock = Clock()
    vault = new_vault(tmp_path, clock)
    with open_log(vault, clock) as log:
        log.append(records(0, 250))
        log.publish()
        assert looked(vault, 250, mirror=False) == looked(vault, 250, mirror=True)
        moments: list[str] = []
        watched(log, vault, moments)
        log.append([record(number) for number in range(250, 260)])
        log.publish()
    assert len(moments) == 12
    assert {name.split(" ")[0] for name in moments} >= {"file", "sync", "removed", "released", "shown"}
    doubt(vault, 260)


def looked(vault: Path, size: int, *, mirror: bool) -> list[bytes]:
    """All entries below `size` by a fresh reader; as a mirror, which has no database."""
    reader = Reader(vault, IDENTITY)
    if mirror:
        reader.vault = vault.parent / "mirror"
        reader.vault.mkdir(exist_ok=True)
        for name in ("log", "private"):
            if not (reader.vault / name).exists():
                (reader.vault / name).symlink_to(vault / name)
    entries = []
    for index in range(size):
        assert reader.opened(index)[1].missing == ()
        entries.append(reader.raw(index)[0])
    return entries


def watched(log: Log, vault: Path, moments: list[str]) -> None:
    """Read everything whenever the writer has done one more thing."""
    files, state = log._files, log._state
    expected = looked(vault, 250, mirror=False)

    def look(moment: str) -> None:
        moments.append(moment)
        for mirror in (False, True):
            assert looked(vault, 250, mirror=mirror) == expected, moment

    def after(owner: object, name: str, moment: str) -> None:
        real = getattr(owner, name)

        def call(*arguments: object) -> object:
            result = real(*arguments)
            look(f"{moment} {arguments[:1]}")
            return result

        setattr(owner, name, call)

    after(files, "_write", "file")
    after(files, "sync", "sync")
    after(files, "remove_partials", "removed")
    after(files, "remove_private_partials", "shown")
    after(state, "release", "released")
