"""The engine that adds up, through Ibis: DuckDB in this process, or whatever stands at the source's address."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from .errors import Invalid
from .extra import needs
from .source import Place, Source

MEMORY = "1GiB"
"""What DuckDB keeps in memory before it goes on on disk; the process has a few hundred MiB more.

Where there is more, `at: duckdb://?memory_limit=8GiB`.
"""
BATCH = 50_000
"""So many windows are in memory here at once."""

_EXTRAS = {"postgres": "postgres", "pyspark": "spark"}
"""By the scheme of an address, which extra of ours has the driver."""
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
"""What underlines part of a query on a terminal."""
_MERGED: dict[str, dict[str, Any]] = {"duckdb": {"union_by_name": True}, "pyspark": {"mergeSchema": True}}
_LIBRARIES = {"duckdb", "_duckdb", "ibis", "psycopg", "py4j", "pyarrow", "pyspark", "sqlglot"}


class Engine(NamedTuple):
    """A connection, the rows there, and what the join leads through."""

    connection: Any
    rows: Any
    joined: Any
    scratch: str
    closing: ExitStack

    def fetched(self, expression: Any) -> Any:
        """The result, as a table of DuckDB in this process, where it can be read again and again.

        So it is sorted here: text sorts by its bytes, and elsewhere by some locale.
        """
        here = self.connection
        if here.name == "duckdb":
            return here.create_table("stripe_windows", expression, temp=True)
        here = _local(self.scratch)
        self.closing.callback(here.disconnect)
        here.con.register("arriving", self.connection.to_pyarrow_batches(expression, chunk_size=BATCH))
        here.raw_sql("CREATE TEMP TABLE stripe_windows AS FROM arriving")
        return here.table("stripe_windows")


@contextmanager
def opened(source: Source) -> Iterator[Engine]:
    """Raises `Invalid` wherever the engine refuses something, also inside the block."""
    with tempfile.TemporaryDirectory(prefix="stripe-sources-") as scratch, _readable(source), ExitStack() as closing:
        connection = _connect(source, scratch)
        closing.callback(connection.disconnect)
        rows = _table(connection, source.rows, "rows", source, _columns(source))
        join = source.join
        joined = _table(connection, join.place, "customer.join", source, [join.key, join.customer]) if join else None
        yield Engine(connection, rows, joined, scratch, closing)


def _local(scratch: str) -> Any:
    with needs():
        import duckdb  # noqa: F401  # what Ibis says of its absence names its own extra
        import ibis
    return ibis.duckdb.connect(memory_limit=MEMORY, temp_directory=scratch, preserve_insertion_order=False)


def _connect(source: Source, scratch: str) -> Any:
    if not source.at:
        return _local(scratch)
    with needs():
        import ibis
    parts = urlsplit(source.at)
    scheme = parts.scheme.replace("postgresql", "postgres")
    try:
        return ibis.pyspark.connect(_spark(parts.query)) if scheme == "pyspark" else ibis.connect(source.at)
    except ModuleNotFoundError as e:
        extra = _EXTRAS.get(scheme)
        package = f"pulumi-stripe-billing[{extra}]" if extra else f"ibis-framework[{scheme}]"
        raise Invalid([f"{source.path}: rows.at: {scheme} needs {e.name}: pip install '{package}'"]) from None
    except ValueError:  # as Ibis says it, with the whole address
        raise Invalid([f"{source.path}: rows.at: {scheme} is no engine that Ibis knows; see ibis-project.org/backends"]) from None


def _spark(settings: str) -> Any:
    """A session with these settings. Ibis would set them once more when it runs, which Spark refuses for most."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.config("spark.ui.enabled", "false")  # a page on a port that everybody reaches
    for name, value in parse_qsl(settings):
        builder = builder.config(name, value)
    return builder.getOrCreate()


@contextmanager
def _readable(source: Source) -> Iterator[None]:
    try:
        yield
    except Exception as e:
        if type(e).__module__.partition(".")[0] not in _LIBRARIES:
            raise
        said = _ESCAPES.sub("", str(e)).strip().partition("\n\n")[0]
        said = " ".join(said.split())[:400] or type(e).__name__
        for secret in filter(None, (source.at, urlsplit(source.at).password)):
            said = said.replace(secret, "…")
        raise Invalid([f"{source.path}: the engine says: {said}"]) from None


def _columns(source: Source) -> list[str]:
    """Whatever of a row is read."""
    filters = [source.only, source.leave_out, *(f for m in source.meters for f in (m.only, m.leave_out))]
    values = [column for m in source.meters for column in m.value.factors]
    return list(dict.fromkeys([source.customer, source.time, *source.duplicates, *values, *(c for f in filters for c in f)]))


def _table(connection: Any, place: Place, where: str, source: Source, columns: list[str]) -> Any:
    if place.table:
        database, _, name = place.table.rpartition(".")
        return connection.table(name, database=database or None)
    if place.query:
        if not _reads(place.query, connection.dialect):
            raise Invalid([f"{source.path}: {where}.query is not one SELECT; give one, which reads only"])
        return connection.sql(place.query)
    files = _files(place, where, source, duckdb=connection.name == "duckdb")
    if place.format == "csv":
        return connection.read_csv(files, all_varchar=True, header=True)
    if place.format == "ndjson":
        found = connection.read_json(files, format="newline_delimited").schema()
        return connection.read_json(files, format="newline_delimited", columns=_as_text(found, columns))
    # Files of one folder may lack a column that came later. Unless it is told, an engine takes one file for all.
    return connection.read_parquet(files, **_MERGED.get(connection.name, {}))


def _reads(query: str, dialect: Any) -> bool:
    import sqlglot
    from sqlglot import expressions

    statements = [s for s in sqlglot.parse(query, dialect=dialect) if s]
    writes = (expressions.DML, expressions.DDL, expressions.Command, expressions.Into)
    return len(statements) == 1 and isinstance(statements[0], expressions.Query) and not statements[0].find(*writes)


def _files(place: Place, where: str, source: Source, *, duckdb: bool) -> str:
    if "://" in place.files:
        return place.files
    path = source.path.parent.absolute() / place.files
    if path.is_dir():
        path = path / "**" / f"*.{place.format}" if duckdb else path
    # A pattern is the engine's to read: what begins the path is not part of it.
    elif not any(c in place.files for c in "*?[") and not path.is_file():
        raise Invalid([f"{source.path}: {where}.files: there is no {place.files}, seen from the folder of this description"])
    return str(path)


def _as_text(schema: Any, columns: list[str]) -> dict[str, str]:
    """The types that DuckDB is to read these columns as: text, in the objects that they are in."""
    wanted: dict[str, Any] = {}
    for name in columns:
        steps = [name] if name in schema else name.split(".")
        if steps[0] in schema:
            inner = wanted
            for step in steps[:-1]:
                inner = inner.setdefault(step, {})
            inner[steps[-1]] = ""
    return {name: _type(inner) for name, inner in wanted.items()} or dict.fromkeys(schema, "VARCHAR")


def _type(inner: Any) -> str:
    if not inner:
        return "VARCHAR"
    return f"STRUCT({', '.join(f'{_quoted(name)} {_type(of)}' for name, of in inner.items())})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
