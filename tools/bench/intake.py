"""Sends signed webhooks over many connections and prints what it took; called by tools/bench/intake."""

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

SAMPLE = pathlib.Path("Tests/CalComTests/Samples/booking_created.json")
SECRET = "bench-secret"


class Bodies:
    """Bookings of different people, in the shape of a recorded delivery."""

    def __init__(self):
        sample = json.loads(SAMPLE.read_text())
        uid, email = sample["payload"]["uid"], sample["payload"]["attendees"][0]["email"]
        text = json.dumps(sample, separators=(",", ":"))
        self.parts = re.split(f"({re.escape(uid)}|{re.escape(email)})", text)
        self.uid, self.email = uid, email
        self.number = 0

    def next(self):
        self.number += 1
        uid = f"bench{self.number:017d}"
        email = f"person{self.number}@company{self.number % 700}.example"
        names = {self.uid: uid, self.email: email}
        return uid, "".join(names.get(part, part) for part in self.parts).encode()


def request(body):
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        "POST /webhooks/cal HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Cal-Signature-256: {signature}\r\nX-Cal-Webhook-Version: 2021-10-20\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def connection(port, bodies, end, latencies, acknowledged, problems):
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < end:
            uid, body = bodies.next()
            began = time.perf_counter()
            writer.write(request(body))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", head, re.I)[1])
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - began)
            status = head[9:12]
            if status == b"200":
                acknowledged.append(uid)
            else:
                problems[status.decode()] = problems.get(status.decode(), 0) + 1
        writer.close()
    except (OSError, asyncio.IncompleteReadError):
        # The server was killed, or hung up: what it acknowledged is what counts.
        problems["hung up"] = problems.get("hung up", 0) + 1


async def load(port, connections, seconds, kill=None):
    bodies, latencies, acknowledged, problems = Bodies(), [], [], {}
    began = time.monotonic()
    tasks = [
        connection(port, bodies, began + seconds, latencies, acknowledged, problems)
        for _ in range(connections)
    ]
    if kill:
        async def killing():
            await asyncio.sleep(seconds / 2)
            kill()

        tasks.append(killing())
    await asyncio.gather(*tasks)
    return acknowledged, sorted(latencies), problems, time.monotonic() - began


def report(options, name, result, memory):
    acknowledged, latencies, problems, seconds = result
    at = lambda share: latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000
    if options.json:
        values = {
            "name": name, "events": len(acknowledged), "seconds": seconds,
            "rate": len(acknowledged) / seconds, "p50us": at(0.5) * 1000, "p99us": at(0.99) * 1000,
            "peakMB": memory,
        }
        print(json.dumps(values), flush=True)
        return
    print(
        f"{name:22} {len(acknowledged) / seconds:8,.0f} /s   p50 {at(0.5):7.1f} ms   "
        f"p99 {at(0.99):7.1f} ms   max {latencies[-1] * 1000:7.1f} ms   {memory:5.0f} MB"
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
    result = asyncio.run(load(port, options.connections, options.seconds))
    memory = resident(process.pid)
    status = stop(process)
    report(options, "daybook serve", result, memory)
    say(options, f"{'':22} ended with {status} on SIGTERM")
    check(options, "", result[0], kept(scratch / "daybook"))

    process, port = start_peer(scratch / "peer")
    result = asyncio.run(load(port, options.connections, options.seconds))
    memory = resident(process.pid)
    stop(process)
    report(options, "FastAPI and SQLite", result, memory)


def kill(options, scratch):
    folder = scratch / "killed"
    process, port = start_daybook(options.daybook, folder)
    acknowledged, *_ = asyncio.run(
        load(port, options.connections, min(options.seconds, 6), kill=process.kill)
    )
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
    parser.add_argument("scratch", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--json", action="store_true", help="print each row as a line of JSON")
    options = parser.parse_args()
    options.daybook = str(pathlib.Path(options.daybook).resolve())
    say(options, f"{options.connections} connections, {options.seconds:g} seconds each")
    measure(options, options.scratch)
    kill(options, options.scratch)


main()
