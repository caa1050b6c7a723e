"""Runs Daybook over generated bookings and prints what it took; called by tools/bench/run.

Numbers are bookings for a whole run. `replay N` makes a ledger of about N events, and measures replay
and verification of it; the verification beside a plain read of the same file. With --json, each row is
a line of JSON.
"""

import copy
import datetime
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

SAMPLE = pathlib.Path("Tests/CalComTests/Samples/booking_created.json")
JSON = "--json" in sys.argv
SETTINGS = """
default:
  attendeeRecord: contact
  onBooking:
    eventRecord: { Booking_Uid__c: "{booking_uid}", Is_Demo__c: true }
    attendee:
      Last_Demo__c: { value: booking_start_date, type: date }
      Company_Size__c: "{team-size}"
"""


def deliveries(count):
    """Bookings of different people, in the shape of a recorded delivery."""
    sample = json.loads(SAMPLE.read_text())
    for number in range(count):
        delivery = copy.deepcopy(sample)
        payload = delivery["payload"]
        email = f"person{number}@company{number % 700}.example"
        payload["uid"] = f"bench{number:017d}"
        payload["iCalUID"] = payload["uid"] + "@Cal.com"
        payload["bookingId"] = number
        payload["title"] = f"Demo {number}"
        payload["attendees"] = [
            dict(payload["attendees"][0], email=email, name=f"First{number} Last{number}")
        ]
        payload["responses"]["email"]["value"] = email
        payload["responses"]["name"]["value"] = f"First{number} Last{number}"
        payload["responses"]["guests"]["value"] = []
        yield json.dumps(delivery)


def history(events, guests=2_000):
    """Deliveries of about so many events: appointments that are made, moved, held or cancelled.

    Every person books five times on average; every tenth meeting has one of a few guests besides.
    """
    folder = SAMPLE.parent
    samples = {
        name: json.loads((folder / f"{name}.json").read_text())
        for name in ["booking_created", "booking_rescheduled", "meeting_ended", "booking_cancelled"]
    }
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    made, number = 0, 0
    while made < events:
        number += 1
        person = number * 7919 % max(1, events // 15)
        email = f"person{person}@company{person % 700}.example"
        guest = f"guest{number // 10 % guests}@partner.example" if number % 10 == 0 else None
        booked = start + datetime.timedelta(minutes=number)
        meeting = booked + datetime.timedelta(days=7)
        steps = ["booking_created"]
        if number % 2:
            steps.append("booking_rescheduled")
        if number % 4:
            steps.append("meeting_ended")
        else:
            steps.append("booking_cancelled")
        uid, predecessor = f"bench{number:017d}", None
        for step, name in enumerate(steps):
            delivery = copy.deepcopy(samples[name])
            payload = delivery["payload"] if "payload" in delivery else delivery
            at = booked + datetime.timedelta(hours=step)
            delivery["createdAt"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            if name == "booking_rescheduled":
                predecessor, uid = uid, f"moved{number:017d}"
                payload["rescheduleUid"] = predecessor
                meeting += datetime.timedelta(days=1)
            if "fromReschedule" in payload:
                payload["fromReschedule"] = predecessor
            payload["uid"] = uid
            payload["iCalUID"] = f"{uid}@Cal.com"
            payload["startTime"] = meeting.isoformat().replace("+00:00", "Z")
            payload["endTime"] = (meeting + datetime.timedelta(minutes=30)).isoformat()
            payload["attendees"] = [
                dict(payload["attendees"][0], email=address, name=address.split("@")[0])
                for address in [email, guest]
                if address
            ]
            for answer, value in [("email", email), ("name", email.split("@")[0]), ("guests", [])]:
                if answer in payload.get("responses", {}):
                    payload["responses"][answer]["value"] = value
            made += 1
            yield json.dumps(delivery)


def row(**values):
    """Prints a row as a line of JSON."""
    print(json.dumps(values), flush=True)


def measure(command, environment, stderr=subprocess.DEVNULL, stdout=None):
    """Runs a command; returns its output, seconds and peak memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, stdout=stdout or subprocess.PIPE, stderr=stderr
    )
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command[1:3])} ended with {os.waitstatus_to_exitcode(status)}")
    return output, time.monotonic() - started, usage.ru_maxrss / 1024


def read_plainly(*paths):
    """Seconds and bytes of reading files once, as a verification has to at least."""
    started, size = time.monotonic(), 0
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            while piece := file.read(1 << 20):
                size += len(piece)
    return time.monotonic() - started, size


def replay(daybook, events):
    """Measures replay and verification of a ledger of about so many events."""
    with Org(daybook) as org:
        print(f"making a ledger of {events:,} events", file=sys.stderr)
        seconds, memory = 0, 0
        source, batch = history(events), 50_000
        for first in range(0, events, batch):
            last = min(first + batch, events)
            # Line by line: what this process takes counts as a peak of those that it starts.
            with open(org.path / "deliveries.ndjson", "w") as file:
                file.writelines(line + "\n" for line in itertools.islice(source, last - first))
            _, took, peak = org.run("ingest", str(org.path / "deliveries.ndjson"), "--output", "json")
            seconds, memory = seconds + took, max(memory, peak)
            print(f"  {last:,} events", file=sys.stderr)
        rate(events, "ingest", seconds, memory)
        out = str(org.path / "plan.json")
        for name, arguments in [
            ("replay", ["replay", "--settings", "1"]),
            ("  --out", ["replay", "--settings", "1", "--out", out]),
            ("  what if", ["replay", "--settings", str(org.path / "other.yaml"), "--output", "json"]),
            ("  --against", ["replay", "--settings", str(org.path / "other.yaml"), "--against", "1"]),
        ]:
            with open(org.path / "output", "wb") as output:
                _, took, peak = org.run(*arguments, stdout=output, stderr=None)
            rate(events, name, took, peak)
        # What was written last may still be in the log beside the database.
        names = ["daybook.sqlite", "daybook.sqlite-wal"]
        files = [org.path / name for name in names if (org.path / name).exists()]
        read_plainly(*files)
        plain, size = read_plainly(*files)
        rate(events, "plain read", plain, 0, f"{size / plain / 1e6:8,.0f} MB/s")
        _, took, peak = org.run("ledger", "verify", "--output", "json")
        rate(events, "verify", took, peak, f"{size / took / 1e6:8,.0f} MB/s")


def rate(events, name, seconds, memory, more=""):
    if JSON:
        return row(name=name.strip(), events=events, seconds=seconds, peakMB=memory)
    print(
        f"{events:9,}  {name:11} {seconds:8.2f} s {events / seconds:12,.0f} events/s"
        f" {memory:7.0f} MB  {more}",
        flush=True,
    )


class Org:
    """A local org, and a folder with a ledger that is configured for it."""

    def __init__(self, daybook):
        self.daybook = daybook

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.emulator = subprocess.Popen(
            [self.daybook, "emulator", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self.emulator.stdout.readline().split()[-1]
        self.path = pathlib.Path(self.folder.name)
        (self.path / "daybook.yaml").write_text(
            "ledger: daybook.sqlite\n"
            f"salesforce: {{ instanceURL: '{self.address}', auth: {{ flow: accessToken }} }}\n"
        )
        (self.path / "settings.yaml").write_text(SETTINGS)
        (self.path / "other.yaml").write_text(SETTINGS.replace("team-size", "company"))
        self.environment = dict(
            os.environ,
            DAYBOOK_CONFIG=str(self.path / "daybook.yaml"),
            DAYBOOK_SALESFORCE_ACCESS_TOKEN="bench",
        )
        self.run("settings", "apply", str(self.path / "settings.yaml"), "--effective", "all")
        return self

    def run(self, *arguments, stdout=None, stderr=subprocess.DEVNULL):
        return measure([self.daybook, *arguments], self.environment, stderr, stdout)

    def __exit__(self, *_):
        self.emulator.terminate()
        self.emulator.wait()
        self.folder.cleanup()


def run(daybook, count):
    with Org(daybook) as org:
        deliveries_file = org.path / "deliveries.ndjson"
        deliveries_file.write_text("\n".join(deliveries(count)))
        reset = urllib.request.Request(f"{org.address}/emulator/stats/reset", method="POST")
        urllib.request.urlopen(reset).read()
        steps = [
            ("ingest", ["ingest", str(deliveries_file), "--output", "json"]),
            ("reconcile", ["reconcile", "--output", "json"]),
            ("sweep", ["reconcile", "--all", "--output", "json"]),
            ("verify", ["ledger", "verify", "--output", "json"]),
        ]
        for name, arguments in steps:
            output, seconds, memory = org.run(*arguments)
            calls = json.loads(output).get("summary", {}).get("apiCalls", "")
            if JSON:
                row(name=name, bookings=count, seconds=seconds, peakMB=memory, apiCalls=calls or 0)
                continue
            print(f"{count:8,}  {name:10} {seconds:8.2f} s {memory:7.0f} MB  {calls:>5}")


def main():
    daybook, *counts = [argument for argument in sys.argv[1:] if argument not in ["", "--json"]]
    if counts[:1] == ["replay"]:
        for count in [int(count) for count in counts[1:]] or [100_000, 1_000_000]:
            replay(daybook, count)
        return
    if not JSON:
        print(f"{'bookings':>8}  {'step':10} {'time':>10} {'peak':>10}  {'API calls':>5}")
    for count in [int(count) for count in counts] or [1, 200, 2_000, 10_000]:
        run(daybook, count)


if __name__ == "__main__":
    main()
