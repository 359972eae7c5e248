"""Runs the console blocks of a document as a reader would, and compares what they print.

In a block whose info string is "console", a line that begins with "$ " is a command (lines that begin with
"> " continue it) and the lines after it are what it prints. "..." stands for anything: alone on a line for
any number of lines, inside a line for any text. A command without lines after it may print what it likes.
Every command must succeed. `make` and `git clone` are not run: their targets are checked instead.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.documents import fenced_blocks

MARK = "\x1e"
TIMEOUT_S = 300


@dataclass(frozen=True)
class Step:
    command: str
    expected: str

    @property
    def is_run(self) -> bool:
        return not re.match(r"(make|git clone|cd holdfast)\b", self.command)


def parse_steps(markdown: str) -> list[Step]:
    """Every command of every console block, with the lines it should print."""
    steps: list[tuple[list[str], list[str]]] = []
    for info, body in fenced_blocks(markdown):
        if info.split(" ")[0] != "console":
            continue
        for line in body.splitlines():
            if line.startswith("$ "):
                steps.append(([line[2:]], []))
            elif not steps:
                raise ValueError(f"a console block begins with output: {line!r}")
            elif line.startswith("> ") and not steps[-1][1]:
                steps[-1][0].append(line[2:])
            else:
                steps[-1][1].append(line)
    return [Step("\n".join(command), "\n".join(lines).strip("\n")) for command, lines in steps]


def output_pattern(expected: str) -> re.Pattern[str]:
    """What a step's output must match, line by line, white space at line ends aside."""
    lines = [line.rstrip() for line in expected.splitlines()]
    parts = [
        r"(?:[^\n]*\n)*?"
        if line.strip() == "..."
        else r"[^\n]*".join(map(re.escape, line.split("..."))) + r"\n"
        for line in lines
    ]
    return re.compile("".join(parts))


def run_steps(steps: list[Step], folder: Path, environment: Mapping[str, str]) -> list[str]:
    """What went otherwise than the document says, one text a step.

    Effects: runs the commands in one bash in `folder`, so `cd` and `export` hold from step to step.
    """
    run = [step for step in steps if step.is_run]
    script = ["exec 2>&1 </dev/null"]
    for step in run:
        script += [step.command, f"printf '{MARK}%d\\n' $?"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        timeout=TIMEOUT_S,
        check=False,
    )
    found = re.findall(rf"(.*?){MARK}(\d+)\n", done.stdout.decode("utf-8", "replace"), re.DOTALL)
    if len(found) != len(run):
        return [f"the shell stopped after {len(found)} of {len(run)} commands (exit {done.returncode})"]
    findings = []
    for step, (output, code) in zip(run, found, strict=True):
        shown = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
        if code != "0":
            findings.append(f"$ {step.command}\nexited {code}:\n{shown}")
        elif step.expected and not output_pattern(step.expected).fullmatch(shown):
            findings.append(f"$ {step.command}\nprinted:\n{shown}but the document says:\n{step.expected}\n")
    return findings
