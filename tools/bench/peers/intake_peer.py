"""The peer of tools/bench/intake: FastAPI and SQLite, as one would write it in an afternoon."""

import hashlib
import hmac
import json
import os
import sqlite3

from fastapi import FastAPI, Request, Response

SECRET = os.environ["BENCH_SECRET"].encode()
app = FastAPI()
database = sqlite3.connect(os.environ["BENCH_DATABASE"], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute(
    "CREATE TABLE delivery (id INTEGER PRIMARY KEY, uid TEXT NOT NULL, trigger TEXT, body BLOB)"
)
database.execute("CREATE INDEX deliveryByUid ON delivery (uid)")


@app.get("/livez")
async def live():
    return {"status": "alive"}


@app.post("/webhooks/cal")
async def receive(request: Request):
    body = await request.body()
    signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, request.headers.get("x-cal-signature-256", "")):
        return Response(status_code=401)
    delivery = json.loads(body)
    # One transaction, and one flush, per request.
    cursor = database.execute(
        "INSERT INTO delivery (uid, trigger, body) VALUES (?, ?, ?)",
        (delivery["payload"]["uid"], delivery["triggerEvent"], body),
    )
    return {"position": cursor.lastrowid}
