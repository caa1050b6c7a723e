"""The Python part of tools/simple-salesforce-check, which see.

Usage: simple_salesforce_check.py DAYBOOK-BINARY SCRATCH-FOLDER
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import requests
from simple_salesforce import Salesforce, format_soql

DELIVERIES = pathlib.Path(__file__).resolve().parent.parent / "Sources/daybook/Resources/demo/deliveries.ndjson"
TOKEN = "00DEmulator!check"
VERSION = "62.0"

SETTINGS = {
    "enabled": True,
    "createEventOn": "Contact",
    "onBookingWriteToEventObject": True,
    "onBookingWriteToEventObjectMap": {
        "Booking_Uid__c": {"value": "{booking_uid}", "fieldType": "string", "whenToWrite": "every_booking"},
        "Demo_Type__c": {"value": "{team-size}", "fieldType": "picklist", "whenToWrite": "every_booking"},
    },
    "onBookingWriteToRecord": True,
    "onBookingWriteToRecordFields": {
        "Last_Demo__c": {"value": "booking_start_date", "fieldType": "date", "whenToWrite": "every_booking"},
    },
}


class PlainHTTP(requests.Session):
    """simple-salesforce insists on https; the emulator on this machine speaks http."""

    def __init__(self, port):
        super().__init__()
        self.secure, self.plain = f"https://127.0.0.1:{port}", f"http://127.0.0.1:{port}"

    def request(self, method, url, **more):
        return super().request(method, url.replace(self.secure, self.plain, 1), **more)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(process, port, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            sys.exit(f"error: the emulator ended with code {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"error: the emulator does not answer on port {port} after {seconds} s")


def sample():
    """A bundled booking whose answers all settings above can use."""
    for line in DELIVERIES.read_text(encoding="utf-8").splitlines():
        body = json.loads(line)
        payload = body.get("payload", {})
        if (body["triggerEvent"] == "BOOKING_CREATED" and payload["eventTypeId"] == 88231
                and "+" in payload["attendees"][0].get("phoneNumber", "")
                and len(payload["attendees"]) == 1
                and payload["responses"]["team-size"].get("value") in ("1-10", "11-50", "51-200")):
            return line, payload
    sys.exit("error: no fitting booking among the bundled deliveries")


def main():
    binary, scratch = sys.argv[1], pathlib.Path(sys.argv[2])
    port = free_port()
    line, payload = sample()
    (scratch / "delivery.json").write_text(line, encoding="utf-8")
    (scratch / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    (scratch / "daybook.yaml").write_text(
        f"ledger: {scratch}/daybook.sqlite\n"
        "salesforce:\n"
        f"  instanceURL: http://127.0.0.1:{port}\n"
        f'  apiVersion: "{VERSION}"\n'
        "  auth: { flow: accessToken }\n"
        "calcom: {}\n", encoding="utf-8")
    environment = {
        **os.environ, "DAYBOOK_CONFIG": str(scratch / "daybook.yaml"),
        "DAYBOOK_SALESFORCE_ACCESS_TOKEN": TOKEN, "DAYBOOK_CALCOM_WEBHOOK_SECRET": "not-used-here",
        "NO_COLOR": "1",
    }

    def daybook(*arguments):
        print("$ daybook", *arguments)
        done = subprocess.run([binary, *arguments], env=environment, cwd=scratch,
                              stdout=subprocess.PIPE, text=True, timeout=120)
        if done.returncode:
            sys.exit(f"error: daybook {arguments[0]} ended with code {done.returncode}\n{done.stdout}")
        return json.loads(done.stdout) if "json" in arguments else done.stdout

    log_path = scratch / "emulator.log"
    with open(log_path, "w", encoding="utf-8") as log:
        emulator = subprocess.Popen([binary, "emulator", "--port", str(port)], env=environment,
                                    cwd=scratch, stdout=log, stderr=log)
    problems = ["the check did not get to its end"]
    try:
        wait_until_open(emulator, port)
        daybook("settings", "import", "settings.json", "--event-type", "88231")
        print(daybook("ingest", "delivery.json", "--output", "json"))
        print(daybook("reconcile", "--output", "json").get("summary"))
        problems = compare(port, payload)
    finally:
        emulator.terminate()
        try:
            emulator.wait(timeout=10)
        except subprocess.TimeoutExpired:
            emulator.kill()
        if problems:
            print("--- the emulator said:", *log_path.read_text(encoding="utf-8").splitlines()[-15:],
                  sep="\n", file=sys.stderr)
    for problem in problems:
        print("error:", problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


def compare(port, payload):
    """Reads everything back and returns what differs, one sentence for each."""
    salesforce = Salesforce(session_id=TOKEN, instance_url=f"http://127.0.0.1:{port}", version=VERSION,
                            session=PlainHTTP(port))
    problems = []

    def expect(what, found, wanted):
        print(f"  {what} = {found!r}")
        if found != wanted:
            problems.append(f"{what} is {found!r}, expected {wanted!r}")

    def as_read(moment):
        return moment.replace("Z", ".000+0000")

    attendee = payload["attendees"][0]
    first, _, last = attendee["name"].partition(" ")
    contacts = salesforce.query(format_soql(
        "SELECT Id, FirstName, LastName, Email, Phone, Last_Demo__c FROM Contact WHERE Email = {}",
        attendee["email"]))
    expect("number of contacts", contacts["totalSize"], 1)
    events = salesforce.query(format_soql(
        "SELECT Id, Subject, StartDateTime, EndDateTime, WhoId, Who.Name, Owner.Email, Booking_Uid__c,"
        " Demo_Type__c FROM Event WHERE Booking_Uid__c = {}", payload["uid"]))
    expect("number of event records", events["totalSize"], 1)
    if problems:
        return problems

    contact, event = contacts["records"][0], events["records"][0]
    expect("Contact.FirstName", contact["FirstName"], first)
    expect("Contact.LastName", contact["LastName"], last)
    expect("Contact.Email", contact["Email"], attendee["email"])
    expect("Contact.Phone", contact["Phone"], attendee["phoneNumber"])
    # Both hosts and these bookings are near enough to Greenwich for the date to be the same.
    expect("Contact.Last_Demo__c", contact["Last_Demo__c"], payload["startTime"][:10])
    expect("Event.Subject", event["Subject"], payload["title"])
    expect("Event.StartDateTime", event["StartDateTime"], as_read(payload["startTime"]))
    expect("Event.EndDateTime", event["EndDateTime"], as_read(payload["endTime"]))
    expect("Event.WhoId", event["WhoId"], contact["Id"])
    expect("Event.Who.Name", event["Who"]["Name"], attendee["name"])
    expect("Event.Owner.Email", event["Owner"]["Email"], payload["organizer"]["email"])
    expect("Event.Demo_Type__c", event["Demo_Type__c"], payload["responses"]["team-size"]["value"])

    # The same record by its id, and the description of both objects.
    expect("Event.get", salesforce.Event.get(event["Id"])["Subject"], payload["title"])
    for name, field, kind in (("Event", "Booking_Uid__c", "string"), ("Event", "Demo_Type__c", "picklist"),
                              ("Contact", "Last_Demo__c", "date")):
        described = {row["name"]: row for row in getattr(salesforce, name).describe()["fields"]}
        expect(f"describe {name}.{field}", described.get(field, {}).get("type"), kind)
    return problems


if __name__ == "__main__":
    main()
