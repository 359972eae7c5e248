"""The catalog's tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    ExceptionContext,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from holdfast.catalog.known import catalog_error
from holdfast.errors import HoldfastError, StorageError

__all__ = [
    "SCHEMA_VERSION",
    "Engine",
    "absence",
    "artefact",
    "capture",
    "channel",
    "channel_fact",
    "channel_look",
    "channel_name",
    "checked",
    "claim",
    "coverage",
    "followed",
    "media",
    "metadata",
    "observation",
    "open_engine",
    "post",
    "post_reading",
    "report",
    "transcript",
    "verdict",
]

SCHEMA_VERSION = 4
"""A catalog of another version is deleted and rebuilt: it holds nothing of its own."""

metadata = MetaData()

followed = Table(
    "followed",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("entries", BigInteger, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("origin", Text, nullable=False),
)

channel = Table(
    "channel",
    metadata,
    Column("row", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("source_type", Text),
    Column("title", Text),
    Column("username", Text),
    Column("description", Text),
    Column("entry", BigInteger, nullable=False),
)

# Every name a channel was ever seen under, so that it is found by an old one too.
channel_name = Table(
    "channel_name",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("entry", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

capture = Table(
    "capture",
    metadata,
    Column("id", Text, primary_key=True),
    Column("entry", BigInteger),
    Column("source", Text),
    Column("seen_at", Text),
    Column("finished_at", Text),
    Column("exported_hint", Text),  # the day that the source's own names claim
    Column("state", Text),
    Column("detail", Text),
    Column("counts", Text),
    Column("problems", Text),
    sqlite_with_rowid=False,
)

# When a capture could have seen which posts. `seen_at` is that of the answer, `source` that of the capture.
coverage = Table(
    "coverage",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("entry", BigInteger, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("seen_at", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("capture", Text, nullable=False),
    Column("source", Text),
    sqlite_with_rowid=False,
)
Index("coverage_capture", coverage.c.capture)

# Each time a channel itself was asked for, and what was answered. `retry_at`: before it the source asked not to be asked again. `spoke`: the facts that the answer speaks of, by name,
# between commas; a fact without a row of this entry was as the last row of the same source says.
channel_look = Table(
    "channel_look",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("entry", BigInteger, primary_key=True),
    Column("capture", Text, nullable=False),
    Column("source", Text),
    Column("seen_at", Text, nullable=False),
    Column("answered", Text, nullable=False),
    Column("detail", Text),
    Column("spoke", Text, nullable=False),
    Column("retry_at", Text),
    sqlite_with_rowid=False,
)

# What a source said of a channel, where it differs from what the same source said before. Readings have bounds,
# all else a text.
channel_fact = Table(
    "channel_fact",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("entry", BigInteger, primary_key=True),
    Column("seen_at", Text, nullable=False),
    Column("value", Text),
    Column("low", BigInteger),
    Column("high", BigInteger),
    sqlite_with_rowid=False,
)

artefact = Table(
    "artefact",
    metadata,
    Column("capture", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("size_bytes", BigInteger),
    sqlite_with_rowid=False,
)

# One row a post: where it stands now. (entry, element) is the observation that proves it.
post = Table(
    "post",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("post", BigInteger, primary_key=True),
    Column("kind", Integer, nullable=False),  # 0 post, 1 service
    Column("earliest", BigInteger),  # unix seconds; where only local time is known, the interval it may be
    Column("latest", BigInteger),
    Column("entry", BigInteger, nullable=False),
    Column("element", Integer, nullable=False),
    Column("observations", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("absent", BigInteger),  # the absence entry, while the post was last found missing
    Column("fingerprint", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
# Few posts are ever revised: the question whether any was must not read them all.
Index("post_revised", post.c.channel, post.c.post, sqlite_where=post.c.revision > 1)

# Observations after a post's first: the first is `post` itself while there is one only.
observation = Table(
    "observation",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("post", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("element", Integer, nullable=False),
    Column("changed", Text, nullable=False),
    sqlite_with_rowid=False,
)

post_reading = Table(
    "post_reading",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("post", BigInteger, primary_key=True),
    Column("entry", BigInteger, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

media = Table(
    "media",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("post", BigInteger, primary_key=True),
    Column("entry", BigInteger, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text),
    Column("artefact", Text),
    Column("size_bytes", BigInteger),
    Column("duration_s", BigInteger),
    sqlite_with_rowid=False,
)
Index("media_artefact", media.c.artefact, sqlite_where=media.c.artefact.is_not(None))

absence = Table(
    "absence",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("post", BigInteger, primary_key=True),
    Column("entry", BigInteger, primary_key=True),
    Column("capture", Text, nullable=False),
    Column("answered", Text, nullable=False),
    Column("asked", Text),
    sqlite_with_rowid=False,
)

# Which channel and capture an entry belongs to; what "entries of a capture" means without opening any.
entry = Table(
    "entry",
    metadata,
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("capture", Text),
    Column("channel", Integer),
    Column("seen_at", Text),
    Column("source", Text),
)
Index("entry_capture", entry.c.capture)

# A text that says things about posts and channels. `sha256` is of its clean text; `identity` stands for all else that it was
# taken in with, so that the same report is sealed once.
report = Table(
    "report",
    metadata,
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("artefact", Text),
    Column("url", Text),
    Column("outlet", Text),
    Column("title", Text),
    Column("lang", Text),
    Column("published_lo", Text),
    Column("published_hi", Text),
    Column("seen_at", Text),
)
Index("report_text", report.c.sha256)

# One check of one report; a large one is sealed in several entries, of which the first stands here.
checked = Table(
    "checked",
    metadata,
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("report", BigInteger),
    Column("sha256", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("claims", Integer, nullable=False),
    Column("ts", Text, nullable=False),
)
Index("checked_digest", checked.c.digest)

claim = Table(
    "claim",
    metadata,
    Column("entry", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("digest", Text, nullable=False),  # the check that it belongs to
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)

verdict = Table(
    "verdict",
    metadata,
    Column("entry", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("label", Text, nullable=False),
    Column("reason", Text),
    Column("strength", Text),
    Column("channel", Text),
    Column("post", Text),
    sqlite_with_rowid=False,
)

# What is said in a post's recording, as a file that somebody gave.
transcript = Table(
    "transcript",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("post", BigInteger, primary_key=True),
    Column("entry", BigInteger, primary_key=True),
    Column("artefact", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("lang", Text),
    Column("seen_at", Text, nullable=False),
    Column("capture", Text),
    Column("confidence", Integer),
    sqlite_with_rowid=False,
)


def open_engine(folder: Path, *, write: bool) -> Engine:
    """The catalog's database in `folder`. Effects: creates it and its tables when `write`.

    Errors, here and of all that the engine is asked later: FormatError if it is damaged or of another shape;
    StorageError if the disk refuses. Either way nothing is lost: it is made anew from the vault.
    """
    path = folder / "catalog.db"
    if write:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make {folder}: {error.strerror}") from error
        return _engine(path, "rwc")
    try:
        return _engine(path, "ro")
    except StorageError:
        # A folder that we may not write to, and no writer about: a database in WAL mode needs files beside it otherwise.
        beside = path.with_name(path.name + "-wal")
        if not path.is_file() or (beside.exists() and beside.stat().st_size):
            raise
        return _engine(path, "ro&immutable=1")


def _engine(path: Path, mode: str) -> Engine:
    # A path may hold what means something in an address of SQLAlchemy's; an address of SQLite's escapes it.
    address = f"{path.absolute().as_uri()}?mode={mode}"
    engine = create_engine(
        "sqlite://",
        poolclass=QueuePool,
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection has no common type
        # What is lost with the machine is followed again from the log: the log's own commits are the synced ones.
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.execute("PRAGMA cache_size=-8000")
        cursor.execute("PRAGMA cell_size_check=ON")
        if mode == "rwc":
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    @event.listens_for(engine, "handle_error")
    def _ours(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, sqlite3.Error):
            raise catalog_error(context.original_exception) from context.original_exception

    try:
        if mode == "rwc":
            metadata.create_all(engine)
        else:
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1 FROM followed").fetchall()
    except (DatabaseError, sqlite3.Error, HoldfastError) as error:
        engine.dispose()
        if isinstance(error, HoldfastError):
            raise
        raise catalog_error(getattr(error, "orig", None) or error) from error
    return engine
