#!/usr/bin/env python3
"""Measures Daybook beside the limits of the machine and beside what people would use instead.

  tools/bench/report.py                   everything, with the numbers that count; about half an hour
  tools/bench/report.py --quick           small numbers, to see that it works; a few minutes
  tools/bench/report.py --only import plan
  tools/bench/report.py --write-readme    writes the table into README.md

Each figure, its limit (plain C, tools/bench/limits) and its peer (tools/bench/peers) take turns, three
rounds, on one disk. Shown are medians; a ratio is the median of the rounds' ratios. Machines differ, so
nothing is asserted: a row says what there is to reach, and whether it was. Needs Linux, a C compiler,
SQLite and OpenSSL with their headers, and Python 3.10.
"""

import argparse
import pathlib
import re
import shlex
import sys
import types

sys.dont_write_bytecode = True  # nothing of a measurement stays beside the sources

import figures
from figures import Figure, megabytes, number, rate, time
from lab import BENCH, QUIET, SCHEMA, TOP, Failure, Lab, median, median_ratio, say

FULL = types.SimpleNamespace(
    flushes=2_000, appended=5_000, grouped=100_000, callers=64, imported=200_000, small=100_000,
    large=1_000_000, peer=60_000, planned=[10_000, 1_000_000], owners=10_000, bookings=[1, 10_000],
    history=100_000, seconds=30,
)
QUICK = types.SimpleNamespace(
    flushes=200, appended=200, grouped=2_000, callers=64, imported=6_000, small=3_000, large=9_000,
    peer=3_000, planned=[1_000, 10_000], owners=200, bookings=[1, 200], history=1_500, seconds=3,
)
README = TOP / "README.md"
CALCOM_CALLS = "Cal.com's own app: 3 to 15, counted in its code"


def rounds(lab, *measurements):
    """Lets measurements take turns; returns the rows of each, by round."""
    results = [[] for _ in measurements]
    for turn in range(lab.options.rounds):
        say(f"  round {turn + 1} of {lab.options.rounds}")
        for rows, measure in zip(results, measurements, strict=True):
            rows.append(measure())
    return results


# What is measured, in the order of the table


def append(lab):
    """One durable append at a time, and many callers at once."""
    sizes = lab.options.sizes
    flushes, single, grouped, plain, peer = rounds(
        lab,
        lab.flush,
        lambda: lab.ours("append", count=sizes.appended, folder=lab.folder("append")),
        lambda: lab.ours(
            "grouped", count=sizes.grouped, callers=sizes.callers, folder=lab.folder("grouped")
        ),
        lambda: lab.limit(
            "import", count=sizes.appended, per_transaction=1, schema=SCHEMA,
            folder=lab.folder("append-c"),
        ),
        lambda: lab.peer("append", count=sizes.appended, folder=lab.folder("append-peer")),
    )
    lab.flushes += flushes
    ours, flush = median(single, "p50us"), time(median(flushes, "p50us"))
    return [
        Figure(
            "durable single append, p50", time(ours), f"one flush {flush}",
            median_ratio(single, "p50us", flushes, "p50us"), at_most=1.3,
        ),
        Figure(
            "– the same in C", time(ours), f"C and SQLite {time(median(plain, 'p50us'))}",
            median_ratio(single, "p50us", plain, "p50us"),
        ),
        Figure(
            "– a second", rate(median(single, "rate")),
            f"python eventsourcing {rate(median(peer, 'rate'))}",
            median_ratio(single, "rate", peer, "rate"),
        ),
        Figure(
            f"{sizes.callers} callers at once", rate(median(grouped, "rate")),
            f"one caller {rate(median(single, 'rate'))}",
            median_ratio(grouped, "rate", single, "rate"), at_least=10,
        ),
        Figure(
            "– p99 of a caller", time(median(grouped, "p99us")), f"one flush {flush}",
            median_ratio(grouped, "p99us", flushes, "p50us"), at_most=4,
        ),
    ]


def bulk(lab):
    """Bulk import, beside C with the very same events and beside the peer."""
    count = lab.options.sizes.imported
    ours, plain, peer = rounds(
        lab,
        lambda: lab.ours("import", count=count, per_transaction=1000, folder=lab.folder("import")),
        lambda: lab.limit(
            "import", count=count, per_transaction=1000, schema=SCHEMA,
            folder=lab.folder("import-c"), like=lab.place / "import" / "ledger.sqlite",
        ),
        lambda: lab.peer(
            "import", count=lab.options.sizes.peer, per_transaction=1000,
            folder=lab.folder("import-peer"),
        ),
    )
    own = rate(median(ours, "rate"))
    figure = [
        Figure(
            f"bulk import of {count:,} events", own, f"C and SQLite {rate(median(plain, 'rate'))}",
            median_ratio(ours, "rate", plain, "rate"), at_least=0.5,
        ),
        Figure(
            "– the peer neither hashes nor seals", own,
            f"python eventsourcing {rate(median(peer, 'rate'))}",
            median_ratio(ours, "rate", peer, "rate"), at_least=2,
        ),
        Figure("– peak memory", megabytes(median(ours, "peakMB"))),
    ]
    if all("bytesPerEvent" in row for row in ours):
        figure.append(
            Figure(
                "– bytes an event takes in the file", number(median(ours, "bytesPerEvent")),
                f"C and SQLite {number(median(plain, 'bytesPerEvent'))}",
                median_ratio(ours, "bytesPerEvent", plain, "bytesPerEvent"),
            )
        )
    return figure


def ledger(lab, count):
    """A ledger of so many events, made once."""
    def make():
        say(f"  making a ledger of {count:,} events")
        folder = lab.folder(f"ledger-{count}")
        lab.ours("import", count=count, per_transaction=1000, folder=folder)
        return folder

    return lab.once(f"ledger-{count}", make)


def history(lab, count):
    """A history of bookings of so many events, made once."""
    def make():
        say(f"  making a history of {count:,} events")
        folder = lab.folder(f"history-{count}")
        lab.ours("history", count=count, folder=folder)
        return folder

    return lab.once(f"history-{count}", make)


def replay(lab):
    """Reading, opening, decoding and projecting all events, on one core."""
    sizes = lab.options.sizes
    small, large = history(lab, sizes.small), history(lab, sizes.large)
    rebuilt = lab.folder("rebuild-peer")
    lab.peer("import", count=sizes.peer, folder=rebuilt)
    less, more, peer, opened = rounds(
        lab,
        lambda: lab.ours("replay", folder=small),
        lambda: lab.ours("replay", folder=large),
        lambda: lab.peer("rebuild", folder=rebuilt),
        lambda: lab.limit("read", "opened", large / "ledger.sqlite"),
    )
    own = median(more, "rate")
    return [
        Figure(
            f"replay of {sizes.large:,} events, one core", rate(own), "–", own, at_least=150_000,
            unit="/s",
        ),
        Figure(
            "– beside reading and deciphering alone", rate(own),
            f"C, nothing decoded {rate(median(opened, 'rate'))}",
            median_ratio(more, "rate", opened, "rate"),
        ),
        Figure(
            "– the peer rebuilds its aggregates", rate(own),
            f"python eventsourcing {rate(median(peer, 'rate'))}",
            median_ratio(more, "rate", peer, "rate"), at_least=8,
        ),
        Figure(
            "– peak memory", megabytes(median(more, "peakMB")),
            f"of {sizes.small:,} events {megabytes(median(less, 'peakMB'))}",
            median_ratio(more, "peakMB", less, "peakMB"), at_most=1.1,
        ),
    ]


def plan(lab):
    """Desired beside live records, one of a hundred different."""
    results = []
    for count in lab.options.sizes.planned:
        ours, plain, same = rounds(
            lab,
            lambda: lab.ours("plan", count=count),
            lambda: lab.limit("merge", count=count),
            lambda: lab.ours("merge", count=count),
        )
        own = time(median(ours, "seconds") * 1e6)
        results.append(
            Figure(
                f"plan over {count:,} records, 1 % different", own,
                f"bare merge-join {time(median(plain, 'seconds') * 1e6)}",
                median_ratio(ours, "seconds", plain, "seconds"),
                at_most=3 if count == max(lab.options.sizes.planned) else None,
            )
        )
        results.append(
            Figure(
                "– beside comparing the same values, nothing decided", own,
                f"Swift, merge-join {time(median(same, 'seconds') * 1e6)}",
                median_ratio(ours, "seconds", same, "seconds"),
            )
        )
        results.append(
            Figure(
                "– peak memory", megabytes(median(ours, "peakMB")),
                f"both arrays in memory {megabytes(median(plain, 'peakMB'))}",
                median_ratio(ours, "peakMB", plain, "peakMB"),
            )
        )
    return results


def verify(lab):
    """Verification beside reading and hashing the same bytes."""
    folder = ledger(lab, lab.options.sizes.large)
    file = folder / "ledger.sqlite"
    ours, plain, raw = rounds(
        lab,
        lambda: lab.ours("verify", folder=folder),
        lambda: lab.limit("read", "ledger", file),
        lambda: lab.limit("read", "file", file),
    )
    own = time(median(ours, "seconds") * 1e6)
    return [
        Figure(
            f"verification of {lab.options.sizes.large:,} events", own,
            f"reading and SHA-256 in C {time(median(plain, 'seconds') * 1e6)}",
            median_ratio(plain, "seconds", ours, "seconds"), at_least=0.5,
        ),
        Figure(
            "– the whole file as it is", own,
            f"reading and SHA-256 in C {time(median(raw, 'seconds') * 1e6)}",
            median_ratio(raw, "seconds", ours, "seconds"),
        ),
        Figure("– peak memory", megabytes(median(ours, "peakMB"))),
    ]


def owner(lab):
    """Who owns an attendee's record."""
    (ours,) = rounds(lab, lambda: lab.ours("owner", count=lab.options.sizes.owners))
    return [
        Figure(
            "look-up of a record's owner, p50",
            f"{time(median(ours, 'p50us'))} (p99 {time(median(ours, 'p99us'))})",
        )
    ]


def intake(lab):
    """Signed webhooks over 64 connections, each answered when it is on disk."""
    rows = lab.run(
        lab.python(), BENCH / "intake.py", lab.daybook(), lab.limits(), lab.folder("intake"),
        "--json", "--seconds", lab.options.sizes.seconds, environment=QUIET,
    )
    ours, peer = rows
    return [
        Figure(
            "webhook intake, 64 connections", rate(ours["rate"]),
            f"FastAPI and SQLite {rate(peer['rate'])}", ours["rate"] / peer["rate"],
        ),
        Figure(
            "– p99", time(ours["p99us"]), f"FastAPI and SQLite {time(peer['p99us'])}",
            ours["p99us"] / peer["p99us"],
        ),
        Figure(
            "– memory", megabytes(ours["peakMB"]),
            f"FastAPI and SQLite {megabytes(peer['peakMB'])}", ours["peakMB"] / peer["peakMB"],
        ),
    ]


def runs(lab):
    """Whole runs against the local org: what they cost in API calls, time and memory."""
    few, many = lab.options.sizes.bookings
    rows = lab.run(
        sys.executable, BENCH / "run.py", lab.daybook(), "--json", few, many, environment=QUIET
    )
    calls = {
        row["bookings"]: row["apiCalls"] / row["bookings"]
        for row in rows if row["name"] == "reconcile"
    }
    targets = {1: 3, 10_000: 0.006}
    return [
        Figure(
            f"API calls a booking, {count:,} at once", number(calls[count]), CALCOM_CALLS,
            calls[count], at_most=targets.get(count),
        )
        for count in [few, many]
    ] + [
        Figure(
            f"– {row['name']} of {many:,} bookings",
            f"{time(row['seconds'] * 1e6)}, {megabytes(row['peakMB'])}",
        )
        for row in rows if row["bookings"] == many
    ]


def commands(lab):
    """The commands as people type them, over a long history."""
    count = lab.options.sizes.history
    rows = lab.run(
        sys.executable, BENCH / "run.py", lab.daybook(), "replay", "--json", count,
        environment=QUIET,
    )
    names = {"ingest": "ingest", "replay": "replay", "verify": "ledger verify"}
    return [
        Figure(
            f"`daybook {names[row['name']]}`, {count:,} events",
            f"{rate(row['events'] / row['seconds'])}, {megabytes(row['peakMB'])}",
        )
        for row in rows if row["name"] in names
    ]


SECTIONS = {
    "append": append, "import": bulk, "replay": replay, "plan": plan, "verify": verify,
    "owner": owner, "intake": intake, "runs": runs, "commands": commands,
}


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="NAME", default=[],
                        help=", ".join(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="small numbers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bench", type=pathlib.Path, help="daybook-bench, built already")
    parser.add_argument("--daybook", type=pathlib.Path, help="daybook, built already for release")
    parser.add_argument("--folder", type=pathlib.Path,
                        help="where to measure; about 10 GB are needed (default: in the repository)")
    parser.add_argument("--log", type=pathlib.Path, help="keep every measurement as lines of JSON")
    parser.add_argument("--write-readme", action="store_true")
    options = parser.parse_args()
    if options.write_readme and (options.quick or options.only):
        parser.error("the README takes the whole report: leave --quick and --only out")
    if options.write_readme and not figures.has_place(README):
        parser.error(f"README.md has no '{figures.BEGIN}' and '{figures.END}'; put them back")
    if options.rounds < 1:
        parser.error("--rounds takes a number of at least 1")
    for name in ["bench", "daybook"]:
        path = getattr(options, name)
        if path and not path.is_file():
            parser.error(f"--{name}: there is no file '{path}'")
        setattr(options, name, path and path.resolve())
    options.sizes = QUICK if options.quick else FULL
    return options


def command_line(options):
    """What somebody else types for the same figures; where programs lie is left out."""
    parts = ["tools/bench/report.py"]
    if options.quick:
        parts.append("--quick")
    if options.rounds != 3:
        parts += ["--rounds", str(options.rounds)]
    if options.only:
        parts += ["--only", *options.only]
    if options.write_readme:
        parts.append("--write-readme")
    return shlex.join(parts)


def notes(options):
    pinned = re.findall(r"^(\w+)\S*==(\S+)", (BENCH / "peers/requirements.txt").read_text(), re.M)
    peers = ", ".join(f"{name} {version}" for name, version in pinned)
    found = [
        f"Medians of {options.rounds} round(s) in which ours, limit and peer took turns; intake, runs and"
        f" commands once. Peers: {peers}."
    ]
    if options.quick:
        found.append("Small numbers (`--quick`): these are not the figures that count.")
    return found


def measure(lab):
    """The figures of all sections, and what failed; one that fails does not cost the others."""
    found, failed = [], []
    for name, section in SECTIONS.items():
        if lab.options.only and name not in lab.options.only:
            continue
        say(f"{name}: {section.__doc__}")
        try:
            found += section(lab)
        except (Failure, KeyError, ValueError, OSError) as problem:
            failed.append(name)
            say(f"error: {name}: {type(problem).__name__}: {problem}")
            found.append(Figure(name, "**failed**"))
    return found, failed


def main():
    options = parse()
    with open(options.log or "/dev/null", "w") as log:
        lab = Lab(options, log)
        try:
            found, failed = measure(lab)
            if not lab.flushes:
                lab.flushes.append(lab.flush())
            where = figures.machine(lab.place)
        finally:
            lab.close()
    report = figures.text(
        found, where, lab.flushes, lab.sqlite, command_line(options), notes(options)
    )
    print(report, end="")
    if failed:
        sys.exit(f"error: {', '.join(failed)} failed; the messages are above.")
    if options.write_readme:
        figures.write(README, report)


main()
