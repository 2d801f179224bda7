"""What a server finds around it: the disk, the file, other processes, the settings. Read without a database."""

import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from api.nearest import hint
from api.settings import Settings

PREFIX: Final = "LIMBER_"
FOREIGN: Final = frozenset({"LIMBER_KEY"})
"""Variables that are no settings: the key that the README's calls take."""

LEAST_FREE: Final = 256 << 20
FILES_OF_ROOM: Final = 2
"""A backup, a restore and a vacuum each need room for a second copy."""

NETWORKED: Final = re.compile(
    r"nfs\d?|cifs|smb\w*|ncpfs|afs|ceph|glusterfs|lustre|gpfs|beegfs|davfs\w*|fuse\.(sshfs|glusterfs|s3fs|rclone|davfs\w*)"
)
"""Kinds of file systems whose locks and memory maps SQLite cannot rely on."""

LOCK_BYTE: Final = "1073741826"
"""Where every process that has a database of SQLite open holds a lock, as the kernel lists it."""

MOUNTS: Final = Path("/proc/self/mounts")
LOCKS: Final = Path("/proc/locks")


def of_file(path: Path) -> Iterator[str]:
    """Return one line for each check of the database's file and disk."""
    open_to = stat.S_IMODE(path.stat().st_mode) & 0o077
    yield f"file mode: others can read {path}; run `chmod 600 {path}`" if open_to else "ok file mode: the owner's alone"
    free, size = shutil.disk_usage(path.parent).free, path.stat().st_size
    room = f"{free >> 20} MB free beside a database of {size >> 20} MB"
    yield f"ok disk: {room}" if free > max(LEAST_FREE, FILES_OF_ROOM * size) else f"disk: only {room}"
    network = network_file_system(path)
    yield f"file system: {network}" if network else "ok file system: local"
    others = sorted(processes_with(path) - {os.getpid()})
    if len(others) > 1:
        yield f"processes: {', '.join(map(str, others))} all have {path} open; run one server for each file"
    else:
        yield "ok processes: no more than one has the database open"


def network_file_system(path: Path) -> str | None:
    """Return why the database cannot be kept there, None when its file system is a local one."""
    if not MOUNTS.exists():
        return None
    place, kinds = path.resolve(), {}
    for line in MOUNTS.read_text().splitlines():
        _, mounted, kind, *_ = line.split()
        kinds[Path(mounted.replace("\\040", " "))] = kind
    kind = next((kinds[folder] for folder in (place, *place.parents) if folder in kinds), "")
    if NETWORKED.fullmatch(kind):
        return f"{path} lies on {kind}, a network file system, where SQLite loses data; use a local disk or PostgreSQL"
    return None


def processes_with(path: Path) -> set[int]:
    """Return the processes that have the database of SQLite open, as far as the system tells."""
    if not LOCKS.exists():
        return set()
    inode = str(path.stat().st_ino)
    rows = (line.replace("->", "").split() for line in LOCKS.read_text().splitlines())
    return {int(row[4]) for row in rows if len(row) > 7 and row[5].endswith(f":{inode}") and row[6] == LOCK_BYTE}


def unknown_settings(environment: Mapping[str, str], file: Path) -> Iterator[str]:
    """Return one line for each variable that looks like a setting and is none."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    names = {name.upper() for name in environment}
    if file.exists():
        names |= {name.upper() for name in re.findall(r"^\s*(?:export\s+)?(\w+)\s*=", file.read_text(), re.MULTILINE)}
    unknown = sorted(name for name in names - known - FOREIGN if name.startswith(PREFIX))
    yield from (f"settings: {name} is no setting{hint(name, known)}" for name in unknown)
    if not unknown:
        yield "ok settings: every variable is known"
