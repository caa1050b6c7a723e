"""The figures of a report as a table, and where they were measured."""

import dataclasses
import datetime
import os
import pathlib
import platform
import re

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclasses.dataclass
class Figure:
    """One row: what was measured, beside what, and what there is to reach."""

    what: str
    ours: str
    beside: str = "–"
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""

    @property
    def target(self):
        if self.at_least is not None:
            return f"≥ {number(self.at_least)}{self.unit}"
        if self.at_most is not None:
            return f"≤ {number(self.at_most)}{self.unit}"
        return "–"

    @property
    def verdict(self):
        if self.at_least is not None:
            return "reached" if self.ratio >= self.at_least else "**not reached**"
        if self.at_most is not None:
            return "reached" if self.ratio <= self.at_most else "**not reached**"
        return "–"

    @property
    def cells(self):
        ratio = "–" if self.ratio is None else number(self.ratio) + self.unit
        return [self.what, self.ours, self.beside, ratio, self.target, self.verdict]


def number(value):
    """Three significant digits, or all of a large number."""
    if value >= 100:
        return f"{value:,.0f}"
    if value == 0:
        return "0"
    return f"{value:.3g}"


def rate(value, what="/s"):
    return f"{number(float(f'{value:.3g}'))}{what}"


def time(microseconds):
    if microseconds >= 1e6:
        return f"{number(microseconds / 1e6)} s"
    if microseconds >= 1e3:
        return f"{number(microseconds / 1e3)} ms"
    return f"{number(microseconds)} µs"


def megabytes(value):
    return f"{value:,.0f} MB"


def table(figures):
    head = ["What", "Daybook", "Beside it", "Ratio", "To reach", ""]
    lines = [head, ["--", "--:", "--:", "--:", "--:", "--"], *(figure.cells for figure in figures)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def machine(folder):
    """The machine in a few words, without anything that names it."""
    cpu = first(r"^model name\s*:\s*(.+)$", "/proc/cpuinfo") or platform.machine()
    kilobytes = first(r"^MemTotal:\s*(\d+)", "/proc/meminfo")
    memory = f"{int(kilobytes) / 2**20:.0f} GB of memory" if kilobytes else "memory unknown"
    kernel = re.match(r"[\d.]*\d", platform.release())
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory}, {platform.system()}"
        f" {kernel[0] if kernel else platform.release()}, {filesystem(folder)}"
    )


def first(pattern, path):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    except OSError:
        return None
    return found and found[1].strip()


def filesystem(folder):
    """The kind of the filesystem that a folder is on."""
    try:
        lines = pathlib.Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return "filesystem unknown"
    path, best, kind = str(folder.resolve()) + "/", "", "filesystem unknown"
    for _, mount, found, *_ in (line.split() for line in lines):
        # A later mount at the same place hides the earlier one.
        if path.startswith(mount.rstrip("/") + "/") and len(mount) >= len(best):
            best, kind = mount, found
    return kind


def text(figures, where, flushes, sqlite, command, notes):
    """The report in Markdown."""
    flush = "not measured"
    if flushes:
        flush = f"{time(median_of(flushes, 'p50us'))} (p99 {time(median_of(flushes, 'p99us'))})"
    today = datetime.date.today().isoformat()
    lines = [
        f"Measured on {today} by `{command}` on {where}{sqlite and f'; SQLite {sqlite}'}; one bare"
        f" flush {flush}.",
        *notes,
    ]
    return "\n".join(lines) + "\n\n" + table(figures) + "\n"


def median_of(rows, key):
    values = sorted(row[key] for row in rows)
    return values[len(values) // 2]


def has_place(readme):
    """Whether a file has the marks between which the report goes, in their order."""
    _, begin, rest = readme.read_text().partition(BEGIN)
    return bool(begin) and END in rest


def write(readme, report):
    """Replaces what is between the marks in a file."""
    before, _, rest = readme.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n\n{report}\n{END}{after}")
