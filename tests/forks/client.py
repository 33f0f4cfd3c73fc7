"""Stands for `python`: has the parent of all forks run the command, passes signals on, and ends as the command does.

    client.py SOCKET PYTHON ARGUMENTS...

Runs without `site`, and imports next to nothing: three of it start with each command of an engine.
"""

import _socket  # `socket` takes longer than all else here
import marshal
import os
import signal
import sys


def main(path: str, python: str, *arguments: str) -> None:
    """Ends the process."""
    first = arguments[arguments[:1] == ("-u",) :][:1]
    if not first or (first[0].startswith("-") and first[0] != "-m"):
        os.execv(python, [python, *arguments])
    parent = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    parent.connect(path)
    request = marshal.dumps((os.getpid(), list(arguments), os.getcwd(), dict(os.environ)))
    files = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
    parent.sendmsg([len(request).to_bytes(4, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
    parent.sendall(request)
    pid = received(parent)
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, lambda number, _: os.kill(pid, number))
    status = received(parent)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))


def received(parent: _socket.socket) -> int:
    """A number from the parent."""
    data = parent.recv(4, _socket.MSG_WAITALL)
    if len(data) < 4:
        os._exit(127)  # the parent is gone
    return int.from_bytes(data, "big")


main(*sys.argv[1:])
