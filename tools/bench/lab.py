"""What the report needs to measure: programs that are built, folders, and runs of one program."""

import hashlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BENCH = TOP / "tools" / "bench"
BUILT = BENCH / ".build"
SCHEMA = TOP / "Schemas" / "ledger.sql"


class Failure(Exception):
    """A program did not do what it should; the message says what to do."""


class Lab:
    """Builds the programs when they are asked for first, and runs them.

    Everything is measured in folders of one place, so that all see the same disk; not in the system's
    folder for temporary files, which may be memory.
    """

    def __init__(self, options, log=None):
        self.options, self.log = options, log
        self.sqlite = ""
        BUILT.mkdir(exist_ok=True)
        self.place = pathlib.Path(tempfile.mkdtemp(dir=options.folder or BUILT, prefix="bench-"))
        self.flushes = []
        self._built = {}

    def close(self):
        shutil.rmtree(self.place, ignore_errors=True)

    def folder(self, name):
        """An empty folder; what was there before is gone."""
        folder = self.place / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    # Running

    def run(self, *command, environment=None):
        """Runs a program to its end; returns the rows that it printed, with its peak memory.

        The peak is that of the system (wait4), and not what a program says of itself. A program
        begins as a copy of this one, so no peak is below that of this one: about 20 MB.
        """
        command = [str(part) for part in command]
        process = subprocess.Popen(
            command, cwd=TOP, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE
        )
        output = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            name = " ".join([pathlib.Path(command[0]).name, *command[1:3]])
            raise Failure(f"'{name}' ended with {process.returncode}; its message is above")
        rows = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        if not rows:
            raise Failure(f"'{pathlib.Path(command[0]).name}' printed no line of JSON")
        if len(rows) == 1:
            rows[0]["peakMB"] = usage.ru_maxrss / 1024
        for row in rows:
            self.sqlite = row.get("sqlite", self.sqlite)
            if self.log:
                print(json.dumps({"program": pathlib.Path(command[0]).name, **row}), file=self.log)
        return rows

    def ours(self, name, **options):
        return self.run(self.bench(), name, *flags(options))[0]

    def limit(self, name, *arguments, **options):
        return self.run(self.limits() / name, *arguments, *flags(options))[0]

    def flush(self):
        return self.limit("flush", count=self.options.sizes.flushes, folder=self.folder("flush"))

    def peer(self, name, **options):
        script = BENCH / "peers" / "eventsourcing_peer.py"
        return self.run(self.python(), script, name, *flags(options), environment=QUIET)[0]

    # Building

    def once(self, name, make):
        if name not in self._built:
            self._built[name] = make()
        return self._built[name]

    def bench(self):
        """The program with our benchmarks."""
        return self.once("bench", lambda: self.options.bench or swift(BENCH, "daybook-bench"))

    def daybook(self):
        return self.once("daybook", lambda: self.options.daybook or swift(TOP, "daybook"))

    def limits(self):
        """The folder with the limits."""
        def make():
            folder = BUILT / "limits"
            built = subprocess.run([BENCH / "limits" / "build", folder], check=False)
            if built.returncode != 0:
                raise Failure("the limits could not be compiled; the message is above")
            return folder

        return self.once("limits", make)

    def python(self):
        """A Python that has the peers."""
        return self.once("python", make_environment)


QUIET = {"PYTHONDONTWRITEBYTECODE": "1"}


def flags(options):
    for name, value in options.items():
        yield "--" + name.replace("_", "-")
        yield value


def say(text):
    print(text, file=sys.stderr, flush=True)


def swift(package, product):
    """Builds a product for release, with the flags of every other script; returns its path."""
    say(f"building {product} for release; the first time this takes about ten minutes")
    script = (
        "source tools/common.sh\n"
        'build=(swift build --package-path "$1" "${build_flags[@]}" -c release)\n'
        '"${build[@]}" --product "$2" >&2 && "${build[@]}" --show-bin-path'
    )
    built = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script, "tools/bench/report.py", package, product],
        cwd=TOP, stdout=subprocess.PIPE, text=True, check=False,
    )
    if built.returncode != 0:
        raise Failure(f"{product} could not be built; the message is above")
    return pathlib.Path(built.stdout.strip()) / product


def make_environment():
    """A Python environment with the pinned peers, kept until another version is asked for."""
    wanted = (BENCH / "peers" / "requirements.txt").read_bytes()
    folder = BUILT / "peers"
    mark = folder / hashlib.sha256(wanted).hexdigest()
    python = folder / "bin" / "python"
    if mark.exists():
        return python
    say("preparing a Python environment with the peers")
    shutil.rmtree(folder, ignore_errors=True)
    for command in [
        [sys.executable, "-m", "venv", folder],
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--requirement", BENCH / "peers" / "requirements.txt"],
    ]:
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
            raise Failure(
                "the peers could not be installed. On Debian, type: sudo apt-get install -y"
                " python3-venv; otherwise check the network"
            )
    mark.touch()
    return python


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def median_ratio(left, left_key, right, right_key):
    """The median of the ratios of each round: what slows a round slows both sides."""
    return statistics.median(
        a[left_key] / b[right_key] for a, b in zip(left, right, strict=True)
    )
