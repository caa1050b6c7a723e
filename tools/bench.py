"""Runs Daybook over generated bookings and prints what it took; called by tools/bench."""

import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

SAMPLE = pathlib.Path("Tests/CalComTests/Samples/booking_created.json")
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


def measure(command, environment):
    """Runs a command; returns its output, seconds and peak memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command[1:3])} ended with {os.waitstatus_to_exitcode(status)}")
    return output, time.monotonic() - started, usage.ru_maxrss / 1024


def run(daybook, count):
    with tempfile.TemporaryDirectory() as folder:
        emulator = subprocess.Popen(
            [daybook, "emulator", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            address = emulator.stdout.readline().split()[-1]
            path = pathlib.Path(folder)
            (path / "daybook.yaml").write_text(
                "ledger: daybook.sqlite\n"
                f"salesforce: {{ instanceURL: '{address}', auth: {{ flow: accessToken }} }}\n"
            )
            (path / "settings.yaml").write_text(SETTINGS)
            (path / "deliveries.ndjson").write_text("\n".join(deliveries(count)))
            environment = dict(
                os.environ,
                DAYBOOK_CONFIG=str(path / "daybook.yaml"),
                DAYBOOK_SALESFORCE_ACCESS_TOKEN="bench",
            )
            subprocess.run(
                [daybook, "settings", "apply", str(path / "settings.yaml")],
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            reset = urllib.request.Request(f"{address}/emulator/stats/reset", method="POST")
            urllib.request.urlopen(reset).read()
            steps = [
                ("ingest", ["ingest", str(path / "deliveries.ndjson"), "--output", "json"]),
                ("reconcile", ["reconcile", "--output", "json"]),
                ("sweep", ["reconcile", "--all", "--output", "json"]),
                ("verify", ["ledger", "verify", "--output", "json"]),
            ]
            for name, arguments in steps:
                output, seconds, memory = measure([daybook, *arguments], environment)
                calls = json.loads(output).get("summary", {}).get("apiCalls", "")
                print(f"{count:8,}  {name:10} {seconds:8.2f} s {memory:7.0f} MB  {calls:>5}")
        finally:
            emulator.terminate()
            emulator.wait()


def main():
    daybook, *counts = [argument for argument in sys.argv[1:] if argument]
    print(f"{'bookings':>8}  {'step':10} {'time':>10} {'peak':>10}  {'API calls':>5}")
    for count in [int(count) for count in counts] or [1, 200, 2_000, 10_000]:
        run(daybook, count)


main()
