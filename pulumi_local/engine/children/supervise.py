"""Runs a command, and ends it when the process that started this one is gone (its end of the standard input is closed).

So a provider host does not outlive an engine that was killed. Run as a script with an isolated interpreter: nothing but the
standard library is there, and the less of it is imported, the sooner it starts.
"""

import _thread
import os
import signal
import sys
import time

GRACE_SECONDS = 2.0


def main() -> None:
    """Exits as the command does, or with 127 if there is no such command."""
    quiet = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    try:
        pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
    except OSError as e:
        sys.stderr.write(f"cannot run {sys.argv[1]}: {e.strerror}\n")
        sys.exit(127)

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(pid, signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os.kill(pid, signal.SIGKILL)

    _thread.start_new_thread(watch, ())
    status = os.waitpid(pid, 0)[1]
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


main()
