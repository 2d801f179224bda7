"""Everything of one person as a zip: for each kind of record one JSON and one CSV file, and a manifest that counts."""

import csv
import io
import zipfile
from typing import Any, Final

from pydantic_core import to_json, to_jsonable_python

from api.interop.cells import guarded
from schemas.person_archives import HeldArchive, HeldRecords

FORMAT: Final = "limber-person-archive"
FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it spreadsheets take the text for another encoding."""


def zipped(archive: HeldArchive) -> bytes:
    """Return the zip. Text is UTF-8, times are RFC 3339 in UTC; no cell of a table begins like a formula."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression=zipfile.ZIP_DEFLATED) as file:
        file.writestr(MANIFEST, to_json(_manifest(archive), indent=2))
        for records in archive.records:
            file.writestr(f"{records.kind}.json", _json(records))
            file.writestr(f"{records.kind}.csv", _table(records))
    return made.getvalue()


def _manifest(archive: HeldArchive) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "schema_revision": archive.schema_revision,
        "organization_id": archive.organization_id,
        "person_id": archive.person_id,
        "made_at": archive.made_at,
        "records": [
            {"kind": records.kind, "count": len(records.rows), "columns": list(records.columns)}
            for records in archive.records
        ],
    }


def _json(records: HeldRecords) -> bytes:
    return to_json([dict(zip(records.columns, row, strict=True)) for row in records.rows], indent=2)


def _table(records: HeldRecords) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(records.columns)
    writer.writerows([_cell(value) for value in row] for row in records.rows)
    return (BYTE_ORDER_MARK + made.getvalue()).encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    plain = to_jsonable_python(value)
    # Numbers are no formulas, even with a sign.
    if isinstance(plain, int | float) and not isinstance(plain, bool):
        return str(plain)
    return guarded(plain if isinstance(plain, str) else to_json(plain).decode())
