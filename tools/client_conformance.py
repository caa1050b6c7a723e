"""The Python part of tools/client-conformance, which see.

Usage: client_conformance.py DAYBOOK-BINARY SCRATCH-FOLDER
"""

import asyncio
import csv
import datetime
import gzip
import io
import json
import pathlib
import socket
import ssl
import subprocess
import sys
import time
import traceback
import urllib.parse

import aiosalesforce
import aiosalesforce.auth
import aiosalesforce.exceptions
import httpx
import requests
import simple_salesforce
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce, SalesforceLogin, format_external_id, format_soql

HOST = "localhost"
USERNAME = "integration@daybook.example"
MANY = 10_000


class Problems(list):
    """What did not come out as it should, one sentence each."""

    def expect(self, what, found, wanted):
        if found != wanted:
            self.append(f"{what} is {found!r}, expected {wanted!r}")

    def raises(self, what, error, action):
        try:
            result = action()
        except error as raised:
            return raised
        self.append(f"{what} gave {result!r} where {error.__name__} was expected")
        return None


class LocalSession(requests.Session):
    """Trusts the emulator's certificate, and finds it where clients insist on Salesforce's hosts."""

    def __init__(self, port, certificate):
        super().__init__()
        self.verify, self.port = certificate, port
        self.trust_env = False  # a proxy or other authorities of this machine are not meant

    def request(self, method, url, **more):
        parts = urllib.parse.urlsplit(url)
        if parts.hostname and parts.hostname.endswith(".salesforce.com"):
            url = parts._replace(netloc=f"{HOST}:{self.port}").geturl()
        return super().request(method, url, **more)


class LocalTransport(httpx.AsyncHTTPTransport):
    """The same for the other client, which takes no host but `*.my.salesforce.com`."""

    def __init__(self, port, certificate):
        super().__init__(verify=ssl.create_default_context(cafile=certificate))
        self.port = port

    async def handle_async_request(self, request):
        request.url = request.url.copy_with(host=HOST, port=self.port)
        return await super().handle_async_request(request)


class Org:
    """The emulator's own interface."""

    def __init__(self, port, certificate):
        self.base = f"https://{HOST}:{port}/emulator/"
        self.session = LocalSession(port, certificate)

    def post(self, path, **body):
        answer = self.session.post(self.base + path, json=body)
        answer.raise_for_status()
        return answer.json()


def start(binary, scratch):
    """Starts the emulator on a free port and waits until it takes connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    certificate = scratch / "emulator.pem"
    log = open(scratch / "emulator.log", "w", encoding="utf-8")
    process = subprocess.Popen(
        [binary, "emulator", "--port", str(port), "--tls", "--certificate", str(certificate)],
        stdout=log, stderr=log, cwd=scratch)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process.poll() is not None:
            sys.exit(f"error: the emulator ended with code {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process, port, str(certificate)
        except OSError:
            time.sleep(0.1)
    sys.exit(f"error: the emulator does not answer on port {port}")


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


# --- simple-salesforce -------------------------------------------------------------------------


def log_in(problems, org, session):
    """Every way to log in that needs no secret of a real org; returns a client."""
    refusal = problems.raises(
        "a wrong password", simple_salesforce.SalesforceAuthenticationFailed,
        lambda: SalesforceLogin(username=USERNAME, password="wrong", security_token="", session=session))
    if refusal:
        problems.expect("the code of a refused log-in", refusal.code, "INVALID_LOGIN")
    token, instance = SalesforceLogin(username=USERNAME, password="secret", security_token="token",
                                      session=session)
    problems.expect("the instance of a SOAP log-in", instance, f"{HOST}:{session.port}")
    given = Salesforce(session_id=token, instance_url=f"https://{instance}", session=session)
    problems.expect("is_sandbox with a session", given.is_sandbox(), False)
    signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    flows = {
        "password": {"username": USERNAME, "password": "secret", "consumer_secret": "s"},
        "client credentials": {"domain": "daybook.my", "consumer_secret": "s"},
        "JWT bearer": {"username": USERNAME, "privatekey": signing_key.decode()},
    }
    for name, arguments in flows.items():
        flow = Salesforce(consumer_key="key", session=session, **arguments)
        problems.expect(f"is_sandbox after {name}", flow.is_sandbox(), False)
    return Salesforce(username=USERNAME, password="secret", security_token="token", session=session)


def records(problems, org, client):
    made = client.Contact.create({"LastName": "Moreau", "Email": "ines.moreau@example.com"})
    problems.expect("create", (made["success"], made["errors"]), (True, []))
    found = client.Contact.get(made["id"])
    problems.expect("get", (found["LastName"], found["attributes"]["type"]), ("Moreau", "Contact"))
    problems.expect("update", client.Contact.update(made["id"], {"Title": "CTO"}), 204)
    problems.expect("get by address", client.Contact.get_by_custom_id(
        "Email", "ines.moreau@example.com")["Title"], "CTO")
    key = format_external_id("Daybook_Key__c", "a-key/with?signs")
    times = {"StartDateTime": "2026-03-01T09:00:00Z", "EndDateTime": "2026-03-01T09:30:00Z"}
    problems.expect("upsert of a new record", client.Event.upsert(key, {"Subject": "A", **times}), 201)
    problems.expect("upsert of a known record", client.Event.upsert(key, {"Subject": "B"}), 200)
    problems.expect("what was upserted", client.Event.get_by_custom_id(
        "Daybook_Key__c", "a-key/with?signs")["Subject"], "B")
    problems.expect("delete", client.Contact.delete(made["id"]), 204)
    names = {each["name"] for each in client.describe()["sobjects"]}
    problems.expect("describe global", {"Account", "Contact", "Lead", "Event", "User"} <= names, True)
    fields = {field["name"]: field for field in client.Contact.describe()["fields"]}
    problems.expect("describe", (fields["LastName"]["nillable"], fields["Email"]["type"]), (False, "email"))
    problems.expect("metadata", client.Contact.metadata()["objectDescribe"]["keyPrefix"], "003")
    problems.expect("limits", client.limits()["DailyApiRequests"]["Max"] > 0, True)
    problems.expect("usage", client.api_usage["api-usage"].used > 0, True)


def compression(problems, org, client):
    """What requests and httpx do by themselves with every answer, looked at; and packed requests."""
    contacts = f"{client.base_url}sobjects/Contact"
    headers = {**client.headers, "Accept-Encoding": "gzip"}
    answer = client.session.get(f"{contacts}/describe", headers=headers)
    problems.expect("packed answer", (answer.headers.get("Content-Encoding"), answer.json()["name"]),
                    ("gzip", "Contact"))
    body = gzip.compress(json.dumps({"LastName": "Packed"}).encode())
    made = client.session.post(contacts, data=body, headers={**headers, "Content-Encoding": "gzip"})
    problems.expect("packed request", (made.status_code, made.json()["success"]), (201, True))


def queries(problems, org, client):
    soql = "SELECT Id, Email FROM Lead"
    first = client.query(soql)
    problems.expect("first page", (first["totalSize"], first["done"], len(first["records"])),
                    (MANY, False, 2000))
    second = client.query_more(first["nextRecordsUrl"], True)
    problems.expect("second page", len(second["records"]), 2000)
    everything = client.query_all(soql)
    problems.expect("all pages", len({each["Id"] for each in everything["records"]}), MANY)
    problems.expect("iterated", sum(1 for _ in client.query_all_iter(soql)), MANY)
    one = client.query(format_soql("SELECT Name, Owner.Name FROM Lead WHERE Email = {}",
                                   "person7@company7.example"))
    problems.expect("one of many", [each["Name"] for each in one["records"]], ["Given7 Person7"])
    problems.expect("count", client.query("SELECT COUNT() FROM Lead")["totalSize"], MANY)
    grouped = client.query("SELECT Status, COUNT(Id) total FROM Lead GROUP BY Status")
    problems.expect("groups", [each["total"] for each in grouped["records"]], [MANY])


def composites(problems, org, client):
    base = "/services/data/v59.0/sobjects"
    answer = client.restful("composite", method="POST", json={"allOrNone": True, "compositeRequest": [
        {"method": "POST", "url": f"{base}/Account", "referenceId": "a", "body": {"Name": "Acme"}},
        {"method": "POST", "url": f"{base}/Contact", "referenceId": "c",
         "body": {"LastName": "Lee", "AccountId": "@{a.id}"}}]})
    problems.expect("composite", [each["httpStatusCode"] for each in answer["compositeResponse"]], [201, 201])
    batch = client.restful("composite/batch", method="POST", json={"batchRequests": [
        {"method": "GET", "url": "v59.0/limits"}, {"method": "GET", "url": "v59.0/sobjects/Nothing"}]})
    problems.expect("batch", (batch["hasErrors"], [each["statusCode"] for each in batch["results"]]),
                    (True, [200, 404]))
    tree = client.restful("composite/tree/Account", method="POST", json={"records": [
        {"attributes": {"type": "Account", "referenceId": "r1"}, "Name": "Tree", "Contacts": {"records": [
            {"attributes": {"type": "Contact", "referenceId": "r2"}, "LastName": "Leaf"}]}}]})
    problems.expect("tree", [each["referenceId"] for each in tree["results"]], ["r1", "r2"])
    graph = client.restful("composite/graph", method="POST", json={"graphs": [
        {"graphId": "g1", "compositeRequest": [
            {"method": "POST", "url": f"{base}/Account", "referenceId": "n1", "body": {"Name": "G"}}]}]})
    problems.expect("graph", [each["isSuccessful"] for each in graph["graphs"]], [True])
    people = [{"attributes": {"type": "Contact"}, "LastName": f"C{number}"} for number in range(200)]
    del people[1]["LastName"]
    made = client.restful("composite/sobjects", method="POST", json={"records": people})
    problems.expect("collections", [sum(each["success"] for each in made), made[1]["errors"][0]["statusCode"]],
                    [199, "REQUIRED_FIELD_MISSING"])
    ids = [each["id"] for each in made if each["success"]]
    read = client.restful("composite/sobjects/Contact", method="POST",
                          json={"ids": ids + ["003000000000000AAA"], "fields": ["LastName"]})
    problems.expect("collection read", [len(read), read[-1]], [200, None])
    gone = client.restful("composite/sobjects", {"ids": ",".join(ids), "allOrNone": "true"}, method="DELETE")
    problems.expect("collection delete", all(each["success"] for each in gone), True)


def bulk(problems, org, client):
    contacts = client.bulk2.Contact
    done = contacts.insert(records=[
        {"LastName": "Bulk, One", "Email": "one@bulk.example"},
        {"LastName": 'Bulk "Two"', "Email": "two@bulk.example"},
        {"LastName": "", "Email": "nobody@bulk.example"}], wait=0)[0]
    problems.expect("bulk insert", (done["numberRecordsProcessed"], done["numberRecordsFailed"]), (3, 1))
    good = rows(contacts.get_successful_records(done["job_id"]))
    problems.expect("successful records", [row["sf__Created"] for row in good], ["true", "true"])
    bad = rows(contacts.get_failed_records(done["job_id"]))
    problems.expect("failed records", bad[0]["sf__Error"].split(":")[0], "REQUIRED_FIELD_MISSING")
    problems.expect("unprocessed records", rows(contacts.get_unprocessed_records(done["job_id"])), [])
    ids = [row["sf__Id"] for row in good]
    done = contacts.update(records=[{"Id": each, "Title": "Bulk"} for each in ids], wait=0)[0]
    problems.expect("bulk update", done["numberRecordsFailed"], 0)
    done = contacts.upsert(records=[{"Email": "one@bulk.example", "Title": "Again"},
                                    {"Email": "new@bulk.example", "LastName": "New"}],
                           external_id_field="Email", wait=0)[0]
    problems.expect("bulk upsert", done["numberRecordsFailed"], 0)
    found = [row for page in client.bulk2.Lead.query("SELECT Id, Name FROM Lead", max_records=4000, wait=0)
             for row in rows(page)]
    problems.expect("bulk query", (len(found), len({row["Id"] for row in found})), (MANY, MANY))
    deleted = contacts.delete(records=[{"Id": ids[0]}], wait=0)[0]
    problems.expect("bulk delete", deleted["numberRecordsFailed"], 0)
    contacts.hard_delete(records=[{"Id": ids[1]}], wait=0)
    left = client.query_all(format_soql("SELECT Id, IsDeleted FROM Contact WHERE Id IN {}", ids),
                            include_deleted=True)["records"]
    problems.expect("what bulk deletes leave", [each["Id"] for each in left], ids[:1])
    failure = problems.raises("a column that is none", simple_salesforce.exceptions.SalesforceOperationError,
                              lambda: contacts.insert(records=[{"LastName": "A", "Nonsense": "1"}], wait=0))
    problems.expect("the reason", "Nonsense" in str(failure), True)


def old_bulk(problems, org, client):
    done = client.bulk.Contact.insert([{"LastName": "Old1"}, {"Title": "no name"}, {"LastName": "Old2"}],
                                      include_detailed_results=True)
    problems.expect("old bulk insert", [row["success"] for row in done], [True, False, True])
    problems.expect("old bulk details", done[0]["LastName"], "Old1")
    found = client.bulk.Lead.query("SELECT Id FROM Lead WHERE Email LIKE 'person1%'")
    problems.expect("old bulk query", len(found) > 1000, True)
    gone = client.bulk.Contact.delete([{"Id": done[0]["id"]}, {"Id": done[2]["id"]}])
    problems.expect("old bulk delete", all(row["success"] for row in gone), True)


def searches(problems, org, client):
    client.Contact.create({"LastName": "Quintero", "Email": "q+1@search.example"})
    found = client.search("FIND {Quintero} IN NAME FIELDS RETURNING Contact(Id, Name)")
    problems.expect("search", [each["Name"] for each in found["searchRecords"]], ["Quintero"])
    problems.expect("quick search", len(client.quick_search("Quintero")["searchRecords"]), 1)
    problems.raises("a search without a term", simple_salesforce.SalesforceMalformedRequest,
                    lambda: client.search("Quintero"))


def replication(problems, org, client):
    made = client.Account.create({"Name": "Replicated"})["id"]
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = now - datetime.timedelta(hours=1), now + datetime.timedelta(hours=1)
    problems.expect("updated", made in client.Account.updated(start, end)["ids"], True)
    client.Account.delete(made)
    deleted = client.Account.deleted(start, end)
    problems.expect("deleted", [each["id"] for each in deleted["deletedRecords"] if each["id"] == made], [made])
    problems.raises("a window of a year", simple_salesforce.SalesforceMalformedRequest,
                    lambda: client.Account.updated(now - datetime.timedelta(days=365), end))


def errors(problems, org, client):
    malformed = problems.raises("a contact without a name", simple_salesforce.SalesforceMalformedRequest,
                                lambda: client.Contact.create({"Email": "x@example.com"}))
    problems.expect("its content", malformed.content[0]["errorCode"], "REQUIRED_FIELD_MISSING")
    problems.raises("an unknown record", simple_salesforce.SalesforceResourceNotFound,
                    lambda: client.Contact.get("003000000000000AAA"))
    for _ in range(2):
        client.Contact.create({"LastName": "Twin", "Email": "twin@example.com"})
    several = problems.raises("two of one address", simple_salesforce.SalesforceMoreThanOneRecord,
                              lambda: client.Contact.get_by_custom_id("Email", "twin@example.com"))
    problems.expect("the choices", len(several.content), 2)
    org.post("faults", kind="requestLimit")
    problems.raises("a used up limit", simple_salesforce.SalesforceRefusedRequest,
                    lambda: client.query("SELECT Id FROM Account LIMIT 1"))
    org.post("tokens/revoke", token=client.session_id)
    problems.expect("log-in again after 401", client.query("SELECT COUNT() FROM Lead")["totalSize"], MANY)


def drive_simple_salesforce(problems, org, port, certificate):
    client = log_in(problems, org, LocalSession(port, certificate))
    for part in (records, compression, queries, composites, bulk, old_bulk, searches, replication, errors):
        before = time.monotonic()
        part(problems, org, client)
        print(f"  simple-salesforce {part.__name__}: {time.monotonic() - before:.1f} s")


# --- aiosalesforce -----------------------------------------------------------------------------


async def drive_aiosalesforce(problems, org, port, certificate):
    transport = LocalTransport(port, certificate)
    async with httpx.AsyncClient(transport=transport, timeout=60, trust_env=False) as web:
        def client(auth):
            return aiosalesforce.Salesforce(web, "https://daybook.my.salesforce.com", auth)

        refused = client(aiosalesforce.auth.SoapLogin(USERNAME, "wrong", ""))
        try:
            await refused.get_limits()
            problems.append("aiosalesforce logged in with a wrong password")
        except aiosalesforce.exceptions.AuthenticationError as error:
            problems.expect("aio refusal", error.error_code, "INVALID_LOGIN")
        credentials = client(aiosalesforce.auth.ClientCredentialsFlow("key", "s"))
        problems.expect("aio credentials", "DailyApiRequests" in await credentials.get_limits(), True)
        salesforce = client(aiosalesforce.auth.SoapLogin(USERNAME, "secret", "token"))
        problems.expect("aio limits", "DailyApiRequests" in await salesforce.get_limits(), True)
        for part in (aio_records, aio_queries, aio_composite, aio_bulk, aio_errors):
            before = time.monotonic()
            await part(problems, org, salesforce)
            print(f"  aiosalesforce {part.__name__[4:]}: {time.monotonic() - before:.1f} s")


async def aio_records(problems, org, salesforce):
    made = await salesforce.sobject.create("Contact", {"LastName": "Haddad"})
    await salesforce.sobject.update("Contact", made, {"Title": "CFO"})
    read = await salesforce.sobject.get("Contact", made, fields=["Title", "LastName"])
    problems.expect("aio record", (read["Title"], read["LastName"]), ("CFO", "Haddad"))
    body = {"Subject": "A", "StartDateTime": "2026-03-01T09:00:00Z", "DurationInMinutes": 30}
    first = await salesforce.sobject.upsert("Event", "aio-1", external_id_field="Daybook_Key__c", data=body)
    again = await salesforce.sobject.upsert("Event", "aio-1", external_id_field="Daybook_Key__c",
                                            data={"Subject": "B"})
    problems.expect("aio upsert", (first.created, again.created, again.id), (True, False, first.id))
    await salesforce.sobject.delete("Contact", made)
    try:
        await salesforce.sobject.get("Contact", made)
        problems.append("aiosalesforce read a deleted record")
    except aiosalesforce.exceptions.NotFoundError as error:
        problems.expect("aio not found", error.error_code, "NOT_FOUND")


async def aio_queries(problems, org, salesforce):
    found = {record["Id"] async for record in salesforce.query("SELECT Id FROM Lead")}
    problems.expect("aio query", len(found), MANY)
    soql = "SELECT Id FROM Contact WHERE LastName = 'Haddad'"
    alive = [record async for record in salesforce.query(soql)]
    everything = [record async for record in salesforce.query(soql, include_all_records=True)]
    problems.expect("aio queryAll", (len(alive), len(everything)), (0, 1))


async def aio_composite(problems, org, salesforce):
    async with salesforce.composite.batch() as batch:
        query = batch.query("SELECT COUNT() FROM Lead")
        contact = batch.sobject.create("Contact", {"LastName": "Batch"})
        missing = batch.sobject.get("Contact", "003000000000000AAA")
    problems.expect("aio batch", (query.status_code, contact.status_code, missing.status_code), (200, 201, 404))
    async with salesforce.composite(all_or_none=True) as composite:
        account = composite.sobject.create("Account", {"Name": "Fish & Chips"})
        person = composite.sobject.create(
            "Contact", {"LastName": "Ref", "AccountId": str(account.reference.id)})
        query = composite.query("SELECT Name FROM Account WHERE Name = 'Fish & Chips'")
    problems.expect("aio composite", (account.status_code, person.status_code), (201, 201))
    problems.expect("aio composite query", [each["Name"] for each in query.records], ["Fish & Chips"])


async def aio_bulk(problems, org, salesforce):
    made = await salesforce.bulk_v2.insert(
        "Contact", [{"LastName": "Aio1"}, {"LastName": "Aio2"}, {"LastName": None, "Title": "x"}])
    problems.expect("aio bulk insert", (len(made.successful_results), len(made.failed_results)), (2, 1))
    ids = [each["sf__Id"] for each in made.successful_results]

    async def run(operation, data, **more):
        jobs = salesforce.bulk_v2.ingest.perform_operation(operation, "Contact", data, polling_interval=0, **more)
        return [job async for job in jobs][0]

    updated = await run("update", [{"Id": each, "Title": "Aio"} for each in ids])
    problems.expect("aio bulk update", len(updated.successful_results), 2)
    upserted = await run("upsert", [{"Email": "aio@bulk.example", "LastName": "U"}], external_id_field="Email")
    problems.expect("aio bulk upsert", [each["sf__Created"] for each in upserted.successful_results], ["true"])
    deleted = await run("delete", [{"Id": each} for each in ids])
    problems.expect("aio bulk delete", len(deleted.successful_results), 2)
    states = {job.state async for job in salesforce.bulk_v2.ingest.list_jobs()}
    problems.expect("aio bulk jobs", "JobComplete" in states, True)


async def aio_errors(problems, org, salesforce):
    org.post("faults", kind="lockRow")
    made = await salesforce.sobject.create("Contact", {"LastName": "Locked once"})
    problems.expect("aio retry of a locked row", made[:3], "003")
    org.post("faults", kind="serverUnavailable")
    problems.expect("aio retry of 503", "DailyApiRequests" in await salesforce.get_limits(), True)
    org.post("settings", duplicateRules={"Contact": "block"})
    try:
        await salesforce.sobject.create("Contact", {"LastName": "T", "Email": "twin@example.com"})
        problems.append("aiosalesforce made a duplicate")
    except aiosalesforce.exceptions.DuplicatesDetectedError as error:
        problems.expect("aio duplicates", [each["sobject"] for each in error.duplicates], ["Contact"] * 2)
    finally:
        org.post("settings", duplicateRules={"Contact": "off"})
    try:
        await salesforce.sobject.get("Contact", "twin@example.com", external_id_field="Email")
        problems.append("aiosalesforce read one of two")
    except aiosalesforce.exceptions.MoreThanOneRecordError:
        pass


def main():
    scratch = pathlib.Path(sys.argv[2])
    process, port, certificate = start(sys.argv[1], scratch)
    problems = Problems()
    try:
        org = Org(port, certificate)
        org.post("generate", object="Lead", count=MANY)
        drive_simple_salesforce(problems, org, port, certificate)
        asyncio.run(drive_aiosalesforce(problems, org, port, certificate))
    except Exception:  # whatever a client makes of an answer is a finding
        traceback.print_exc()
        problems.append("a client broke off, see above")
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
    if problems:
        log = (scratch / "emulator.log").read_text(encoding="utf-8").splitlines()
        print("--- the emulator said:", *log[-15:], sep="\n", file=sys.stderr)
    for problem in problems:
        print("error:", problem, file=sys.stderr)
    print(f"client-conformance: {'failed' if problems else 'all passed'}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
