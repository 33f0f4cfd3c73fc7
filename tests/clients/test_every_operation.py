"""Stripe's clients for Node, Go and Java make every operation of the local Stripe, and each answer is what their types say.

Nothing is written per operation: each client's program finds its typed methods by where they go, and the list of operations is
the local Stripe's own, with the calls of all checks over operations (`tests.stripe_local.calls`). What each proves:

- Node speaks the local Stripe's version of the API. Each answer, as the client parsed it, is written as a literal of the type
  that the method's declaration promises, and so are the arguments: the compiler of TypeScript finds what is missing, undeclared,
  null or of another type.
- Go and Java fill their own types for parameters, and decode into their own types for answers. Each value that was sent is
  there, unchanged and of the declared type. They speak earlier versions of the API: a field that their types do not have yet has
  to be one of the version that the local Stripe speaks, by the types of Stripe's client for Python.

Where a language or a package is not to be had, the test is skipped and says what is missing, see `installing.py`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stripe_local.resources import OPERATIONS
from stripe_local.wire.operation import Operation
from tests.clients.installing import INSTALL_SECONDS, MAVEN_COPY, NPM_INSTALL, install, need
from tests.stripe_local import judges
from tests.stripe_local.calls import ALWAYS_REFUSED, CALLS, DAY, DAYS, Account, furnished, varied
from tests.stripe_local.sdk import endpoint
from tests.stripe_local.server import TEST_KEY, LocalStripe

HERE = Path(__file__).parent
TYPESCRIPT = "7.0.2"

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(INSTALL_SECONDS + 500)]

_NO_CLIENT = {"GET /v1/customers/{customer}/discount": "it is in Stripe's description, and in none of its clients"}
_LATER = {"POST /v1/subscriptions/{id}/pause": "it came after this client's version of the API"}

UNTYPED = {"node": _NO_CLIENT, "go": {**_NO_CLIENT, **_LATER}, "java": {**_NO_CLIENT, **_LATER}}
"""By client, the operations for which it has no method, and why; its raw request makes them."""


class Came(NamedTuple):
    """What a client's program says of an operation."""

    operation: Operation
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.operation.method} {self.operation.path}"


def calls(account: Account) -> Iterator[tuple[Operation, dict[str, Any]]]:
    """Each operation with what a client's program needs to make it."""
    for operation in OPERATIONS:
        call = CALLS[f"{operation.method} {operation.path}"](account)
        found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", operation.path), call.path)
        assert found, call
        many = {"limit": 100} if operation.method == "GET" and "limit" in operation.params.fields else {}
        yield (
            operation,
            {
                "method": operation.method,
                "template": endpoint("", operation.path).strip(),
                "ids": found.groups(),
                "params": {**many, **call.params},
                "key": account.session_token() if operation.by_session else TEST_KEY,
            },
        )


def made(client: str, command: list[str], folder: Path) -> list[Came]:
    """Every operation made by a client's program, on an account that has lived."""
    with LocalStripe() as server:
        account = furnished(server)
        varied(account)
        for days in DAYS:
            server.clock(advance=days * DAY)
        environment = {**os.environ, "STRIPE_LOCAL_URL": server.url}
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=folder, env=environment, stdin=pipe, stdout=pipe, text=True) as program:
            assert program.stdin
            assert program.stdout
            found = []
            for operation, wanted in calls(account):
                program.stdin.write(json.dumps(wanted) + "\n")
                program.stdin.flush()
                line = program.stdout.readline()
                assert line, f"the program ended at {operation.method} {operation.path}"
                found.append(Came(operation, json.loads(line)))
            program.stdin.close()
        assert server.stats()["statuses"]["5xx"] == 0
    assert {came.name for came in found if "method" not in came.told} == UNTYPED[client].keys()
    errors = {came.name: came.told["error"] for came in found if "error" in came.told}
    assert {name: error for name, error in errors.items() if name not in ALWAYS_REFUSED} == {}
    assert {errors[name]["status"] for name in ALWAYS_REFUSED} == {400}
    return [came for came in found if "error" not in came.told]


def typescript(found: list[Came]) -> str:
    """The answers and arguments as literals of the types of the methods."""
    lines = [
        'import Stripe from "stripe";',
        "declare const decimal: Stripe.Decimal, method: any;",
        "type Plain<T> = T extends Stripe.Response<infer Answer> ? Answer : T extends void ? unknown : T;",
        "type Answer<T extends (...given: any[]) => any> = Plain<Awaited<ReturnType<T>>>;",
    ]
    for number, came in enumerate(came for came in found if "method" in came.told):
        method = "".join(["Stripe", *(f'["{name}"]' for name in came.told["method"].split("."))])
        lines += [f"export const answer{number}: Answer<{method}> = // {came.name}", f"{came.told['answer']};"]
        lines += [f"export const call{number}: Parameters<{method}> = // {came.name}", f"{came.told['arguments']};"]
    return "\n".join(lines)


def compiled(program: str, folder: Path, where: Path) -> list[str]:
    """What the compiler says against it: of which operation, where in its answer or arguments, and what."""
    (where / "every.ts").write_text(program)
    (where / "node_modules").symlink_to(folder / "node_modules")
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "--types", ""]
    command = [str(folder / "node_modules" / ".bin" / "tsc"), *options, "every.ts"]
    told = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=120, check=False)
    lines = program.split("\n")
    found = []
    for number, what in re.findall(r"^every\.ts\((\d+),\d+\): error (.*)$", told.stdout, re.MULTILINE):
        place = lines[int(number) - 1].rpartition("// ")[2]
        of = next(line for line in reversed(lines[: int(number)]) if line.startswith("export"))
        found.append(f"{of.rpartition('// ')[2]}: {place}: {what[:300]}")
    assert found or told.returncode == 0, told.stdout + told.stderr
    return found


def violations(found: list[Came]) -> list[str]:
    """What Go or Java has against the answers; a field that its types do not have is one of the local Stripe's version."""
    against = []
    for came in found:
        against += [f"{came.name}: {fault}" for fault in came.told["faults"] if not fault.endswith(": is not declared")]
        for shown in judges.objects(came.told.get("answer")):
            against += [f"{came.name}: {fault}" for fault in judges.judge(shown) if fault.what == judges.UNDECLARED]
    return against


def test_node(tmp_path: Path) -> None:
    node = need("node", "install Node.js 20 or later")
    command = [need("npm", "install npm"), *NPM_INSTALL, f"typescript@{TYPESCRIPT}"]
    sources = [HERE / "node" / name for name in ("package.json", "every.mjs")]
    folder = install(f"typescript-{TYPESCRIPT}", sources, command, "node_modules/typescript/package.json")
    program = typescript(made("node", [node, "every.mjs"], folder))
    assert compiled(program, folder, tmp_path) == []


def test_the_compiler_finds_what_is_wrong(tmp_path: Path) -> None:
    command = [need("npm", "install npm"), *NPM_INSTALL, f"typescript@{TYPESCRIPT}"]
    sources = [HERE / "node" / name for name in ("package.json", "every.mjs")]
    folder = install(f"typescript-{TYPESCRIPT}", sources, command, "node_modules/typescript/package.json")
    (deletes,) = [
        operation for operation in OPERATIONS if f"{operation.method} {operation.path}" == "DELETE /v1/coupons/{coupon}"
    ]
    right = {"id": '"x"', "object": '"coupon"', "deleted": "true"}
    for number, wrong in enumerate(
        ({}, {"id": "5"}, {"id": "null"}, {"object": '"price"'}, {"nonsense": "1"}, {"deleted": "undefined"})
    ):
        answer = "".join(f"{name}: {value}, // {name}\n" for name, value in {**right, **wrong}.items())
        told = {"method": "coupons.del", "answer": f"{{\n{answer}}}", "arguments": '["x", {}]'}
        where = tmp_path / str(number)
        where.mkdir()
        found = compiled(typescript([Came(deletes, told)]), folder, where)
        assert [line.split(": ")[:2] for line in found] == [["DELETE /v1/coupons/{coupon}", name] for name in wrong]


def test_go() -> None:
    go = need("go", "install Go 1.23 or later")
    folder = install("go", sorted((HERE / "go").iterdir()), [go, "build", "-o", "client", "."], "client")
    assert violations(made("go", [str(folder / "client"), "every"], folder)) == []


def test_java() -> None:
    need("javac", "install a JDK, version 17 or later")
    sources = sorted((HERE / "java").iterdir())
    folder = install("java", sources, [need("mvn", "install Maven 3.6 or later"), *MAVEN_COPY], "lib")
    java = [need("java", "install a JDK, version 17 or later"), "-cp", str(folder / "lib" / "*")]
    assert violations(made("java", [*java, "Every.java"], folder)) == []
