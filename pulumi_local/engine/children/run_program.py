"""Runs a Pulumi program through the SDK, as Pulumi's language host for Python does. Run as a script by the project's interpreter.

    run_program.py MONITOR ENGINE PROJECT STACK ROOT PARALLEL DRY_RUN TYPECHECKER PROGRAM

Exit code 0: it is done; 32: it failed and reported why; anything else: it failed and did not.
"""

import asyncio
import concurrent.futures
import importlib.util
import logging
import os
import runpy
import subprocess
import sys
import threading
import traceback
from types import FrameType, TracebackType

del sys.path[0]  # a program should not import from the folder of this script

try:
    import pulumi
    import pulumi.runtime
except ImportError:
    sys.exit(
        f"the interpreter {sys.executable} does not have the Pulumi SDK; "
        "install the project's requirements into it (`pip install -r requirements.txt`)"
    )

SAID = 32
BESIDE = (
    *("pulumi", "grpc", "asyncio", "concurrent", "importlib", "runpy"),
    *("stripe_client", "stripe_components", "stripe_policy", "stripe_pricing", "stripe_resources"),
)
"""Packages whose lines are no concern of whoever wrote the program."""


def own(trace: TracebackType | None) -> TracebackType | None:
    """The frames of the program, and of what else it uses."""
    frames: list[TracebackType] = []
    while trace:
        if not is_beside(trace.tb_frame):
            frames.append(trace)
        trace = trace.tb_next
    found: TracebackType | None = None
    for one in reversed(frames):
        found = TracebackType(found, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return found


def is_beside(frame: FrameType) -> bool:
    """Whether the frame is of such a package, or of this script."""
    file = frame.f_code.co_filename
    return file == __file__ or file.startswith("<frozen") or str(frame.f_globals.get("__name__")).partition(".")[0] in BESIDE


def of_the_program(error: BaseException, seen: set[int]) -> BaseException | None:
    """The error with the program's frames, and what it came of in the same way; without what the SDK wraps around it, which has
    none. None where nothing has any."""
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    inner = of_the_program(before, seen) if before and id(before) not in seen else None
    error.__traceback__ = own(error.__traceback__)
    if error.__traceback__ is None:
        return inner
    if error.__cause__ is None:
        error.__context__ = inner
    else:
        error.__cause__ = inner
    return error


def user_traceback(error: Exception) -> str:
    """What went wrong, with the program's lines."""
    shown = of_the_program(error, set())
    return "".join(traceback.format_exception(shown) if shown else traceback.format_exception_only(error))


def end_with_the_engine() -> None:
    """Ends this process when the engine is gone (its end of the standard input is closed)."""
    engine = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a program that reads its input finds none

    def watch() -> None:
        while os.read(engine, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run(program: str) -> None:
    """Executes `__main__.py` in the folder `program`.

    The file, not the folder: for a folder Python would take compiled code whose source has the same size and the same second of
    change, so that an edit right after a run (a 4 that becomes a 5) would deploy the program as it was.
    """
    sys.path.insert(0, program)
    runpy.run_path(os.path.join(program, "__main__.py"), run_name="__main__")


def mistyped(checker: str, program: str) -> str:
    """What the type checker has against the program, in the words of Pulumi's language host; or ""."""
    if importlib.util.find_spec(checker) is None:
        return (
            f"The typechecker option is set to {checker}, but {checker} is not installed. Please add an entry for {checker} to "
            f"requirements.txt and run `{sys.executable} -m pip install -r requirements.txt`"
        )
    folder, environment = os.path.abspath(program), os.environ.get("VIRTUAL_ENV")
    left_out = ["--exclude", os.path.relpath(environment, folder)] if checker == "mypy" and environment else []
    command = [sys.executable, "-m", checker, *left_out, folder]
    checked = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    sys.stdout.write(checked.stdout)
    sys.stdout.flush()
    return f"{checker} failed: exit status {checked.returncode}\n{checked.stdout}" if checked.returncode else ""


def main() -> int:
    """Runs the program, and gives the exit code."""
    monitor, engine, project, stack, root, parallel, dry_run, typechecker, program = sys.argv[1:]
    end_with_the_engine()
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    settings = pulumi.runtime.Settings(
        monitor=monitor,
        engine=engine,
        project=project,
        stack=stack,
        parallel=int(parallel),
        dry_run=dry_run == "true",
        organization="organization",
        root_directory=root,
    )
    pulumi.runtime.configure(settings)
    if typechecker and (wrong := mistyped(typechecker, program)):
        pulumi.log.error(wrong)
        return SAID
    sys.argv = [program]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = concurrent.futures.ThreadPoolExecutor(max_workers=max(int(parallel), 1) * 4)
    loop.set_default_executor(executor)
    # A program that fails leaves futures that nobody awaited; warnings about them say nothing new.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: run(program)))
    except pulumi.RunError as e:
        pulumi.log.error(str(e))
        return 1
    except Exception as e:
        pulumi.log.error("Program failed with an unhandled exception:\n" + user_traceback(e))
        return SAID
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
