"""Counts how often SQLite asks the operating system to make a file durable; run as a program on a database file.

Puts a thin layer over SQLite's own file system layer, in this process: every opened file gets a copy of its method
table in which `xSync` counts and then calls the real one.
"""

import ctypes
import ctypes.util
import json
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from data import access, people
from data.database import Database
from schemas.people import PersonCreate

POINTER, INT = ctypes.c_void_p, ctypes.c_int
# SQLite keeps the address of the name: it must be handed on as it came, never as a copy.
OPEN = ctypes.CFUNCTYPE(INT, POINTER, POINTER, POINTER, INT, POINTER)
SYNC = ctypes.CFUNCTYPE(INT, POINTER, INT)
METHODS = 19  # the words of sqlite3_io_methods, version 3
X_SYNC = 5  # iVersion and padding, xClose, xRead, xWrite, xTruncate, xSync
VFS_WORDS = 22
NAME, X_OPEN = 3, 5  # iVersion + szOsFile, mxPathname + padding, pNext, zName, pAppData, xOpen
SAME_NAME = ctypes.create_string_buffer(b"counting")

synced: list[str] = []
kept: list[Any] = [access]
"""What must not be freed; people refer to the table of organisations."""


def install() -> None:
    """Make the counting layer SQLite's default."""
    library = ctypes.CDLL(ctypes.util.find_library("sqlite3"))
    library.sqlite3_vfs_find.restype = POINTER
    library.sqlite3_vfs_register.argtypes = [POINTER, INT]
    real_address = library.sqlite3_vfs_find(None)
    words = POINTER * VFS_WORDS
    layer = words(*words.from_address(real_address))
    real_open = OPEN(layer[X_OPEN] or 0)

    def counting_open(_vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        code: int = real_open(real_address, name, file, flags, out)
        methods = POINTER.from_address(file)
        if code == 0 and methods.value:
            methods.value = _counting_methods(methods.value, ctypes.string_at(name).decode() if name else "temporary")
        return code

    opened = OPEN(counting_open)
    layer[X_OPEN] = ctypes.cast(opened, POINTER).value
    layer[NAME] = ctypes.addressof(SAME_NAME)
    kept.extend([layer, opened])
    assert library.sqlite3_vfs_register(ctypes.addressof(layer), 1) == 0


def _counting_methods(real_address: int, name: str) -> int:
    methods = (POINTER * METHODS)(*(POINTER * METHODS).from_address(real_address))
    real_sync = SYNC(methods[X_SYNC] or 0)

    def counting_sync(file: int, flags: int) -> int:
        synced.append(name)
        return int(real_sync(file, flags))

    counting = SYNC(counting_sync)
    methods[X_SYNC] = ctypes.cast(counting, POINTER).value
    kept.extend([methods, counting])
    return ctypes.addressof(methods)


def main(url: str, organization: str, commits: int) -> None:
    """Commit so many units one after the other and print what was synced meanwhile."""
    # The layer must be there before the first connection is made.
    install()
    database = Database(url)
    database.open()
    doors = database.bound_to(UUID(organization))
    doors.write_now(people.add, PersonCreate(external_id="first"), datetime.now(UTC))
    synced.clear()
    before = database.writers[0].commits
    for number in range(commits):
        doors.write_now(people.add, PersonCreate(external_id=f"sync-{number}"), datetime.now(UTC))
    print(json.dumps({"commits": database.writers[0].commits - before, "synced": synced}))
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
