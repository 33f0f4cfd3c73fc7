"""The SQLite file: what is looked for is found by an index, in a new file and in one of an earlier version."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from stripe_local.resources import INDEXED
from stripe_local.store.database import Database
from stripe_local.store.objects import Objects, equal
from stripe_local.store.superseded import Superseded

FIELDS = [(kind, field) for kind, fields in INDEXED.items() for field in fields]


def indexes(database: Database) -> set[str]:
    found = database.writer.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'objects'"
    )
    return {name for (name,) in found}


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=lambda value: value if isinstance(value, str) else "-".join(value))
def test_every_kind_is_found_by_the_fields_it_is_indexed_by(kind: str, field: str | tuple[str, ...], tmp_path: Path) -> None:
    names = field if isinstance(field, tuple) else (field,)
    conditions = " AND ".join(f"json_extract(body, '$.{name}') = ?" for name in names)
    with closing(Database(tmp_path / "stripe.db", INDEXED)) as database:
        asked = (
            f"EXPLAIN QUERY PLAN SELECT body FROM objects WHERE livemode = ? AND kind = '{kind}' AND {conditions} ORDER BY seq"
        )
        [(_, _, _, plan)] = database.writer.execute(asked, (0, *"x" * len(names)))
    assert plan.startswith(f"SEARCH objects USING INDEX by_{'_'.join(names).replace('.', '_')} (")


def test_a_file_of_an_earlier_version_keeps_its_objects_and_gets_the_indexes_of_this_one(tmp_path: Path) -> None:
    path = tmp_path / "stripe.db"
    with closing(Database(path, {"customer": ("email",)})) as database, database.writing() as connection:
        customer = {"id": "cus_1", "email": "a@example.com"}
        Objects(connection, False, Superseded(connection, False, 0, 0), lambda *_: None).insert("customer", customer)
        connection.execute("CREATE INDEX customer_email ON objects (json_extract(body, '$.email')) WHERE kind = 'customer'")
    with closing(Database(path, {"customer": ("email", "name"), "coupon": ("email",)})) as database:
        assert indexes(database) == {"objects_newest", "by_email", "by_name"}
        found = Objects(database.writer, False, Superseded(database.writer, False, 0, 0), lambda *_: None)
        assert found.find("customer", [equal("email", "a@example.com")]) == [customer]
        before = database.writer.execute("PRAGMA schema_version").fetchone()
    with closing(Database(path, {"customer": ("email", "name"), "coupon": ("email",)})) as database:
        assert database.writer.execute("PRAGMA schema_version").fetchone() == before, "it is as it is to be already"
