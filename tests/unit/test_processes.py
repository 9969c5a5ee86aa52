"""A process lives while a program like this one runs under its number."""

import os
import subprocess
import sys

from orchestration.processes import is_alive


def test_this_process_lives_and_one_that_ended_does_not() -> None:
    assert is_alive(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert is_alive(child.pid)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(child.pid)
    assert not is_alive(child.pid)


def test_a_number_that_another_program_has_now_is_no_process_of_ours() -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        assert not is_alive(other.pid)
        other.kill()
