"""Bad rows of every kind: each is reported with its line and what is wrong with it, and the others are sent."""

from __future__ import annotations

import json
import time

import pytest

from .running import Usage

GOOD = '{"customer": "CUSTOMER", "value": 1, "timestamp": NOW}'

NDJSON: list[tuple[str, str]] = [
    ("is not JSON", "customer=CUSTOMER value=1"),
    ("is not JSON", '{"customer": "CUSTOMER", "value": 1'),
    ("is not JSON", "{'customer': 'CUSTOMER', 'value': 1}"),
    ("is not a JSON object", '["CUSTOMER", 1]'),
    ("is not a JSON object", "17"),
    ("customer: is missing", "{}"),
    ("customer: is missing", '{"customer": null, "value": 1, "timestamp": NOW}'),
    ("customer: is missing", '{"customer": "", "value": 1, "timestamp": NOW}'),
    ("not a customer's id", '{"customer": 42, "value": 1, "timestamp": NOW}'),
    ("blanks or control characters", '{"customer": "CUSTOMER ", "value": 1, "timestamp": NOW}'),
    ("101 characters", '{"customer": "' + "c" * 101 + '", "value": 1, "timestamp": NOW}'),
    ("value: is missing", '{"customer": "CUSTOMER", "timestamp": NOW}'),
    ("value: is missing", '{"customer": "CUSTOMER", "value": null, "timestamp": NOW}'),
    ('value: "True" is not a number', '{"customer": "CUSTOMER", "value": true, "timestamp": NOW}'),
    ('value: "many" is not a number', '{"customer": "CUSTOMER", "value": "many", "timestamp": NOW}'),
    ('value: "1,000" is not a number', '{"customer": "CUSTOMER", "value": "1,000", "timestamp": NOW}'),
    ("is not a number", '{"customer": "CUSTOMER", "value": [1], "timestamp": NOW}'),
    ("NaN is not a number", '{"customer": "CUSTOMER", "value": NaN, "timestamp": NOW}'),
    ("Infinity is not a number", '{"customer": "CUSTOMER", "value": -Infinity, "timestamp": NOW}'),
    ("too many digits", '{"customer": "CUSTOMER", "value": 1234567890.123456, "timestamp": NOW}'),
    ("too many digits", '{"customer": "CUSTOMER", "value": 1e300, "timestamp": NOW}'),
    ("is not JSON that makes sense", '{"customer": "CUSTOMER", "value": ' + "9" * 5000 + ', "timestamp": NOW}'),
    ("more than 35 days ago", '{"customer": "CUSTOMER", "value": 1, "timestamp": OLD}'),
    ("is in the future", '{"customer": "CUSTOMER", "value": 1, "timestamp": FUTURE}'),
    ("milliseconds", '{"customer": "CUSTOMER", "value": 1, "timestamp": NOW000}'),
    ("is not a time", '{"customer": "CUSTOMER", "value": 1, "timestamp": "yesterday"}'),
    ("how far it is from UTC", '{"customer": "CUSTOMER", "value": 1, "timestamp": "2026-11-24T10:30:00"}'),
    ("not a time that exists", '{"customer": "CUSTOMER", "value": 1, "timestamp": "2026-02-30T10:30:00Z"}'),
    ("could not be told from another", '{"customer": "CUSTOMER", "value": 1}'),
    ("101 characters", '{"customer": "CUSTOMER", "value": 1, "timestamp": NOW, "identifier": "' + "i" * 101 + '"}'),
    ("blanks or control characters", '{"customer": "CUSTOMER", "value": 1, "timestamp": NOW, "identifier": "a\\nb"}'),
    ("is not an identifier", '{"customer": "CUSTOMER", "value": 1, "timestamp": NOW, "identifier": {}}'),
    ("already names another event, from line 1", '{"customer": "CUSTOMER", "value": 2, "timestamp": NOW, "identifier": "first"}'),
    ('it has "value" twice', '{"customer": "CUSTOMER", "value": 1, "value": 2, "timestamp": NOW}'),
    ("is not JSON that makes sense", '{"customer": ' + "[" * 20000),
    ("longer than 65536 bytes", '{"customer": "' + "c" * 70000 + '"}'),
]
BYTES: list[tuple[str, bytes]] = [
    ("byte 15 of the line is not UTF-8", b'{"customer": "\xff\xfe", "value": 1}'),
    ("is not UTF-8", '{"customer": "Zoë", "value": 1}'.encode("latin-1")),
    ("is not JSON", b'\0{"customer": "x"}'),
]
CSV: list[tuple[str, bytes]] = [
    ("has 2 fields where the header has 3", b"CUSTOMER,1"),
    ("has 4 fields where the header has 3", b"CUSTOMER,1,000,NOW"),
    ("is not CSV", b'"CUSTOMER,1,NOW'),
    ("is not CSV", b'"CUSTOMER"x,1,NOW'),
    ("customer: is missing", b",1,NOW"),
    ("value: is missing", b"CUSTOMER,,NOW"),
    ('value: "1.5.2" is not a number', b"CUSTOMER,1.5.2,NOW"),
    ("is not UTF-8", b"CUSTOMER\xe9,1,NOW"),
]


def filled(text: bytes, usage: Usage, customer: str, deleted: str) -> bytes:
    now = int(time.time())
    for name, value in (
        ("CUSTOMER", customer),
        ("DELETED", deleted),
        ("OLD", now - 36 * 86400),
        ("FUTURE", now + 3600),
        ("NOW", now - 60),
    ):
        text = text.replace(name.encode(), str(value).encode())
    return text


@pytest.mark.parametrize("kind", ["ndjson", "csv"])
def test_every_kind_is_reported_with_its_line(usage: Usage, kind: str) -> None:
    customer, deleted = usage.customers(2)
    usage.stripe.v1.customers.delete(deleted)
    if kind == "ndjson":
        bad = [*((said, row.encode()) for said, row in NDJSON), *BYTES]
        good = GOOD.encode()
        head = good.replace(b"}", b', "identifier": "first"}')
    else:
        bad, good, head = CSV, b"CUSTOMER,1,NOW", b"\xef\xbb\xbfcustomer,value,timestamp"
    lines = [head]
    for _, row in bad:
        lines += [row, good]
    lines.append(b"")
    (usage.folder / f"events.{kind}").write_bytes(b"\n".join(filled(line, usage, customer, deleted) for line in lines))
    ran = usage.record(f"events.{kind}")
    assert ran.code == 3, ran.err
    rejected = usage.rejected(f"events.{kind}")
    assert sorted(rejected) == [2 + 2 * n for n in range(len(bad))], "all of them, and nothing else"
    for n, (said, _) in enumerate(bad):
        expected = said.replace("DELETED", deleted)
        assert expected in "; ".join(rejected[2 + 2 * n]["problems"]), (expected, rejected[2 + 2 * n])
    whole = len(bad) + (kind == "ndjson")
    assert usage.used(customer) == whole
    assert f"{whole} sent, 0 counted before, {len(bad)} rejected" in ran.out
    assert json.loads((usage.folder / f"events.{kind}.rejects.ndjson").read_text().splitlines()[0])["row"]


def test_all_that_is_wrong_with_a_row_is_said(usage: Usage) -> None:
    usage.file([{"customer": 1, "value": "x", "timestamp": "y", "identifier": " "}])
    usage.record("events.ndjson")
    assert [problem.split(":")[0] for problem in usage.rejected()[1]["problems"]] == [
        "customer",
        "value",
        "timestamp",
        "identifier",
    ]


def test_the_stream_asks_for_customers_beforehand(usage: Usage) -> None:
    customer, deleted = usage.customers(2)
    usage.stripe.v1.customers.delete(deleted)
    usage.file([usage.row("cus_none", 1), usage.row(customer, 2), usage.row(deleted, 3), usage.row(customer, 4)])
    assert usage.record("events.ndjson", "--stream").code == 3
    problems = {line: r["problems"] for line, r in usage.rejected().items()}
    assert problems == {1: ['customer: "cus_none" is not a customer of this account'], 3: [f'customer: "{deleted}" was deleted']}
    assert usage.used(customer) == 6
    usage.record("events.ndjson", "--stream")
    asked = [r["path"] for r in usage.server.requests() if r["path"] == f"/v1/customers/{customer}"]
    assert len(asked) == 1, "what was found once is remembered"


def test_a_file_in_utf_16_is_refused_whole(usage: Usage) -> None:
    (usage.folder / "events.csv").write_bytes("customer,value\n".encode("utf-16"))
    ran = usage.record("events.csv")
    assert (ran.code, "UTF-16" in ran.err) == (1, True)


def test_a_column_that_is_there_twice_is_refused_with_the_file(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    (usage.folder / "events.csv").write_text(f"customer,value,timestamp, value\n{customer},3025,{usage.now},1\n")
    ran = usage.record("events.csv")
    assert (ran.code, ran.err) == (
        1,
        'error: events.csv: line 1, the header: the header has "value" twice: which of them counts? Take one out\n',
    )
    assert usage.used(customer) == 0


@pytest.mark.parametrize("given", ["\\t", "\t", ";"])
def test_delimiters_as_people_type_them(usage: Usage, given: str) -> None:
    (customer,) = usage.customers(1)
    between = "\t" if given.startswith("\\") else given
    rows = [["customer", "value", "timestamp"], [customer, "5", str(usage.now)]]
    (usage.folder / "events.txt").write_text("".join(between.join(row) + "\n" for row in rows))
    assert usage.record("--format", "csv", "--delimiter", given, "events.txt").code == 0
    assert usage.used(customer) == 5


@pytest.mark.parametrize("given", ["||", "", "\n", '"', "\\x"])
def test_what_is_no_delimiter(usage: Usage, given: str) -> None:
    ran = usage.record("--format", "csv", "--delimiter", given, "events.txt")
    assert (ran.code, "is not one character; give one such as ; or \\t for a tab" in ran.err) == (2, True)
