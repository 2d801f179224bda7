"""The file of a backup: a line with the SHA-256 of all that follows it, a line with the manifest, then the database.

Every byte counts: the first line is compared whole, and its digest covers the rest. Standard tools open it too:
`tail -n +2 FILE | sha256sum` makes the digest, `tail -n +3 FILE | gunzip` the database of SQLite; PostgreSQL's part is
what `pg_restore` reads.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import ValidationError

from data.migrations.state import HEAD
from schemas.backups import BackupManifest

MAGIC: Final = b"limber-backup 1 sha256="
FIRST_LINE: Final = len(MAGIC) + 64 + 1
LONGEST_MANIFEST: Final = 1 << 20
CHUNK: Final = 1 << 20


class BackupFault(Exception):
    """A backup cannot be made or restored; the message is one clear line."""


class _Digesting:
    """A file that is written to and digested in one go."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write and digest."""
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Write out what is buffered."""
        self._file.flush()

    @property
    def first_line(self) -> bytes:
        return MAGIC + self._digest.hexdigest().encode() + b"\n"


def store(target: Path, manifest: BackupManifest, fill: Callable[[_Digesting], None]) -> None:
    """Write a backup, its database by `fill`, readable by its owner alone; it appears whole or not at all.

    Raises BackupFault when the target is there already.
    """
    if target.exists():
        raise BackupFault(f"{target} is there already")
    partial = target.with_name(f".{target.name}.partial")
    try:
        with private_file(partial) as file:
            file.write(b" " * FIRST_LINE)
            digesting = _Digesting(file)
            digesting.write(manifest.model_dump_json().encode() + b"\n")
            fill(digesting)
            file.seek(0)
            file.write(digesting.first_line)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        settle_folder(target)
    except OSError as error:
        raise BackupFault(f"{target} cannot be written: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def checked(source: Path) -> Iterator[tuple[BackupManifest, BinaryIO]]:
    """Yield the manifest and the file, standing at the database, once every byte was found to be as it was written.

    Raises BackupFault for what is no backup, is damaged, or was made by a newer version.
    """
    try:
        with source.open("rb") as file:
            first = file.readline(FIRST_LINE)
            if not first.startswith(MAGIC):
                raise BackupFault(f"{source} is not a backup that this version can read")
            digest = hashlib.sha256()
            while chunk := file.read(CHUNK):
                digest.update(chunk)
            if first != MAGIC + digest.hexdigest().encode() + b"\n":
                raise BackupFault(f"{source} is damaged: its checksum does not fit what it holds")
            file.seek(FIRST_LINE)
            yield _manifest(source, file.readline(LONGEST_MANIFEST)), file
    except OSError as error:
        raise BackupFault(f"{source} cannot be read: {error.strerror}") from None


def _manifest(source: Path, line: bytes) -> BackupManifest:
    try:
        manifest = BackupManifest.model_validate_json(line)
    except ValidationError:
        raise BackupFault(f"{source} has a manifest that this version does not know") from None
    if manifest.schema_revision > HEAD:
        raise BackupFault(
            f"{source} has the newer schema {manifest.schema_revision}, this version knows {HEAD}: "
            f"restore it with Limber {manifest.limber} or newer"
        )
    return manifest


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file that its owner alone may read; whatever lay there is gone."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file:
        yield file


def settle_folder(path: Path) -> None:
    """Make the name of the file in its folder durable."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
