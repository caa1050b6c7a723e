"""Sends signed webhooks over many connections and prints what it took; called by tools/bench/intake."""

import argparse
import atexit
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import time

SAMPLE = pathlib.Path("Tests/CalComTests/Samples/booking_created.json")
SECRET = "bench-secret"


UID = "bench00000000000000000"
EMAIL = "person000000000@globex.example"


def write_body(path):
    """A booking in the shape of a recorded delivery, with places for the number of each webhook."""
    sample = json.loads(SAMPLE.read_text())
    uid, email = sample["payload"]["uid"], sample["payload"]["attendees"][0]["email"]
    text = json.dumps(sample, separators=(",", ":"))
    path.write_text(text.replace(uid, UID).replace(email, EMAIL))


def uid_of(number):
    """The uid of the webhook with a number."""
    return UID[:-9] + f"{number:09d}"


def load(options, port, folder, seconds, kill=None):
    """Sends webhooks; returns the row that tells how it went, and the uids that were acknowledged."""
    body, acknowledged = folder / "body.json", folder / "acknowledged"
    write_body(body)
    process = subprocess.Popen(
        [
            options.limits / "webhooks", "--port", str(port), "--body", body, "--uid", UID,
            "--email", EMAIL, "--secret", SECRET, "--acknowledged", acknowledged,
            "--connections", str(options.connections), "--seconds", str(seconds),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    if kill:
        time.sleep(seconds / 2)
        kill()
    output, _ = process.communicate()
    if process.returncode != 0:
        sys.exit(process.returncode)
    return json.loads(output), [uid_of(int(line)) for line in acknowledged.read_text().split()]


def report(options, name, row, memory):
    if options.json:
        print(json.dumps({**row, "name": name, "peakMB": memory}), flush=True)
        return
    problems = {name: row[name] for name in ["otherAnswers", "hungUp"] if row[name]}
    print(
        f"{name:22} {row['rate']:8,.0f} /s   p50 {row['p50us'] / 1000:7.1f} ms   "
        f"p99 {row['p99us'] / 1000:7.1f} ms   max {row['maxus'] / 1000:7.1f} ms   {memory:5.0f} MB"
        + (f"   {problems}" if problems else "")
    )


def say(options, text):
    """Tells a person something; rows for programs go to standard output alone."""
    print(text, file=sys.stderr if options.json else sys.stdout, flush=True)


def resident(pid):
    """The resident memory of a process in MB."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def environment(folder, **more):
    return {**os.environ, "HOME": str(folder), **more}


def start_daybook(daybook, folder):
    folder.mkdir(exist_ok=True)
    (folder / "daybook.yaml").write_text(
        "ledger: daybook.sqlite\ncalcom: {}\n"
        "server: { limits: { perSecond: 1000000 } }\n"
    )
    process = subprocess.Popen(
        [daybook, "serve", "--port", "0"],
        cwd=folder,
        env=environment(folder, DAYBOOK_CALCOM_WEBHOOK_SECRET=SECRET),
        stdout=subprocess.PIPE,
        stderr=(folder / "log").open("w"),
        text=True,
    )
    # Whatever ends the measurement; nothing happens to one that was waited for.
    atexit.register(process.kill)
    line = process.stdout.readline()
    if not line:
        sys.exit("daybook serve did not start: " + (folder / "log").read_text()[-500:])
    return process, int(line.strip().rsplit(":", 1)[1])


def start_peer(folder):
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [
            sys.executable, "-m", "uvicorn", "intake_peer:app", "--app-dir",
            "tools/bench/peers", "--port", "0", "--no-access-log",
        ],
        env=environment(
            folder, BENCH_SECRET=SECRET, BENCH_DATABASE=str(folder / "peer.sqlite")
        ),
        stderr=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    for line in process.stderr:
        found = re.search(r"running on http://127\.0\.0\.1:(\d+)", line)
        if found:
            return process, int(found[1])
    sys.exit("the peer did not start")


def stop(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=60)


def kept(folder):
    """The uids in a ledger, as the file itself tells."""
    with sqlite3.connect(folder / "daybook.sqlite") as database:
        return {row[0] for row in database.execute("SELECT uid FROM booking")}


def check(options, name, acknowledged, uids):
    missing = set(acknowledged) - uids
    say(options, f"{name:22} {len(acknowledged):,} acknowledged, {len(missing)} of them missing")
    if missing:
        sys.exit(1)


def measure(options, scratch):
    process, port = start_daybook(options.daybook, scratch / "daybook")
    row, acknowledged = load(options, port, scratch / "daybook", options.seconds)
    memory = resident(process.pid)
    status = stop(process)
    report(options, "daybook serve", row, memory)
    say(options, f"{'':22} ended with {status} on SIGTERM")
    check(options, "", acknowledged, kept(scratch / "daybook"))

    process, port = start_peer(scratch / "peer")
    row, _ = load(options, port, scratch / "peer", options.seconds)
    memory = resident(process.pid)
    stop(process)
    report(options, "FastAPI and SQLite", row, memory)


def kill(options, scratch):
    folder = scratch / "killed"
    process, port = start_daybook(options.daybook, folder)
    _, acknowledged = load(options, port, folder, min(options.seconds, 6), kill=process.kill)
    process.wait()
    verify = subprocess.run(
        [options.daybook, "ledger", "verify", "--output", "json"],
        cwd=folder, env=environment(folder), capture_output=True, text=True,
    )
    say(options, f"{'killed in the middle':22} ledger verify: {verify.returncode}")
    check(options, "", acknowledged, kept(folder))
    if verify.returncode != 0 or not acknowledged:
        sys.exit(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("daybook")
    parser.add_argument("limits", type=pathlib.Path, help="the folder with the compiled limits")
    parser.add_argument("scratch", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--json", action="store_true", help="print each row as a line of JSON")
    options = parser.parse_args()
    options.daybook = str(pathlib.Path(options.daybook).resolve())
    say(options, f"{options.connections} connections, {options.seconds:g} seconds each")
    measure(options, options.scratch)
    kill(options, options.scratch)


if __name__ == "__main__":
    main()
