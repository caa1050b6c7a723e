"""What people would use instead of the ledger: python `eventsourcing` with SQLite, at application level.

  eventsourcing_peer.py append  --count N --folder DIR    a save, and a flush, per event
  eventsourcing_peer.py import  --count N --folder DIR [--per-transaction 1000]
  eventsourcing_peer.py rebuild --folder DIR              every aggregate of an import, from its events

Bookings like those of the other benchmarks: about 800 bytes of JSON an event, three events an aggregate.
It neither hashes nor seals. Making payloads up is not timed; making aggregates and events is, as that
is what one calls the library for. Prints one line of JSON.
"""

import argparse
import json
import pathlib
import resource
import sqlite3
import sys
import time
import uuid

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Booking(Aggregate):
    @event("Confirmed")
    def __init__(self, uid, details):
        self.uid = uid
        self.details = details
        self.is_over = False

    @event("Rescheduled")
    def reschedule(self, details):
        self.details = details

    @event("Ended")
    def end(self, details):
        self.details = details
        self.is_over = True


class Bookings(Application):
    """An application whose only store is one file."""


def details(number, step):
    """What a booking's event says: names and numbers vary, lengths hardly do."""
    start = 1704672000000 + number * 60000 + step * 86400000
    person = number * 7919 % 100003
    return {
        "uid": f"bench{number:017d}",
        "number": 7301455 + number,
        "eventType": 88231,
        "slug": "product-demo",
        "start": start,
        "end": start + 1800000,
        "organizer": {"name": "Host Example", "email": "host@globex.example", "userID": 4102},
        "attendee": {
            "name": f"First{person} Last{person}",
            "email": f"person{person}@company{person % 700}.example",
            "zone": "Europe/Berlin",
        },
        "answers": {"team-size": "11-50", "company": f"Company {person % 700}"},
        "notes": "We look at the import first, and then at the questions of the team.",
        "location": f"https://video.example/room/{number}",
        "utm": {"source": "newsletter", "medium": "email", "campaign": "spring-launch"},
        "from": {"uid": f"bench{number:017d}", "start": start - 86400000, "end": start - 84600000},
        "calendarUID": f"bench{number:017d}@Cal.com",
        "sequence": step,
    }


def steps(number):
    """The three calls that make one booking's events, each with what it needs."""
    payloads = [details(number, step) for step in range(3)]
    yield lambda _: Booking(payloads[0]["uid"], payloads[0])
    yield lambda booking: booking.reschedule(payloads[1]) or booking
    yield lambda booking: booking.end(payloads[2]) or booking


def open_application(folder):
    path = folder / "peer.sqlite"
    application = Bookings(
        env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
    )
    with application.factory.datastore.transaction(commit=False) as cursor:
        cursor.execute("PRAGMA synchronous")
        if cursor.fetchone()[0] != 2:
            sys.exit("the peer does not flush: PRAGMA synchronous is not FULL")
    return application, path


def append(options):
    application, path = open_application(options.folder)
    samples = []
    for number in range(-(-options.count // 3)):
        booking = None
        for make in steps(number):
            began = time.perf_counter()
            booking = make(booking)
            application.save(booking)
            samples.append(time.perf_counter() - began)
    tell("append", application, path, len(samples), samples)


def bulk(options):
    application, path = open_application(options.folder)
    bookings, batch = -(-options.count // 3), max(1, options.per_transaction // 3)
    samples = []
    for first in range(0, bookings, batch):
        prepared = [list(steps(n)) for n in range(first, min(first + batch, bookings))]
        began = time.perf_counter()
        made = []
        for confirm, reschedule, end in prepared:
            made.append(end(reschedule(confirm(None))))
        # One call, and so one transaction, for all of them.
        application.save(*made)
        samples.append(time.perf_counter() - began)
    tell("import", application, path, bookings * 3, samples)


def rebuild(options):
    application, path = open_application(options.folder)
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT originator_id, count(*) FROM stored_events GROUP BY 1"
        ).fetchall()
    identifiers = [uuid.UUID(row[0]) for row in rows]
    began = time.perf_counter()
    over = sum(application.repository.get(identifier).is_over for identifier in identifiers)
    seconds = time.perf_counter() - began
    if over != len(identifiers):
        sys.exit(f"{len(identifiers) - over} bookings are not over, and all should be")
    tell("rebuild", application, path, sum(row[1] for row in rows), [seconds])


def tell(name, application, path, events, samples):
    application.close()
    seconds = sum(samples)
    samples.sort()
    at = lambda share: samples[min(len(samples) - 1, int(len(samples) * share))] * 1e6
    values = {
        "name": name,
        "events": events,
        "seconds": seconds,
        "rate": events / seconds,
        "p50us": at(0.5),
        "p99us": at(0.99),
        "peakMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "bytesPerEvent": path.stat().st_size / events,
    }
    print(json.dumps(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, action in [("append", append), ("import", bulk), ("rebuild", rebuild)]:
        command = commands.add_parser(name)
        command.set_defaults(action=action)
        command.add_argument("--folder", type=pathlib.Path, required=True)
        if name != "rebuild":
            command.add_argument("--count", type=int, default=10_000)
        if name == "import":
            command.add_argument("--per-transaction", type=int, default=1_000)
    options = parser.parse_args()
    options.action(options)


main()
