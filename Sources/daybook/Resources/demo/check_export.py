#!/usr/bin/env python3
"""Checks what `daybook ledger prove` and `daybook ledger export` wrote, with nothing but the public key.

  tools/check_export.py PROOF.tlog-proof PUBLIC-KEY    one proof
  tools/check_export.py EXPORT-FOLDER PUBLIC-KEY       an export

PUBLIC-KEY is the text `name+id+base64`, or a file that holds it. Exit code: 0 it holds, 5 it does
not, 65 it cannot be read. Needs Python 3.8 and no other library, and shares no code with Daybook.
Formats: RFC 6962 (tree), RFC 8032 (Ed25519), C2SP signed-note, tlog-checkpoint and tlog-proof.
"""
import base64, functools, hashlib, json, os, struct, sys

class Wrong(Exception): pass

def need(holds, what):
    if not holds:
        raise Wrong(what)

# Ed25519, RFC 8032 section 6: slow and plain, and enough to verify.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)

def add(a, b):
    t, u = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    v, w = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = u - t, w - v, w + v, u + t
    return (e * f % P, g * h % P, f * g % P, e * h % P)

def times(n, point):
    sum_ = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            sum_ = add(sum_, point)
        point, n = add(point, point), n >> 1
    return sum_

def x_of(y, sign):
    need(y < P, "a key or signature is no point of the curve")
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * ROOT % P
    need((x * x - xx) % P == 0 and not (x == 0 and sign), "a key or signature is no point of the curve")
    return P - x if x & 1 != sign else x

def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = x_of(y, sign)
    return (x, y, 1, x * y % P)

GY = 4 * pow(5, P - 2, P) % P
GX = x_of(GY, 0)
G = (GX, GY, 1, GX * GY % P)

def signed(key, message, signature):
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    a, b = times(s, G), add(point_of(signature[:32]), times(h, point_of(key)))
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 is spelled in another way")
    return data

def public_key(argument):
    text = open(argument).read() if os.path.exists(argument) else argument
    name, key_id, data = text.strip().split("+", 2)
    data = unbase64(data)
    need(len(data) == 33 and data[0] == 1, "the public key is not Ed25519")
    need(hashlib.sha256(name.encode() + b"\n" + data).digest()[:4].hex() == key_id, "the key has another id")
    return name, bytes.fromhex(key_id), data[1:]

def note(whole, key):
    """The text of a note that the key signed."""
    need("\n\n" in whole and whole.endswith("\n"), "a note has no signatures")
    text, signatures = whole.rsplit("\n\n", 1)
    found = False
    for line in signatures[:-1].split("\n"):
        dash, name, data = line.split(" ")
        data = unbase64(data)
        need(dash == "\u2014", "a signature line is malformed")
        if name == key[0] and data[:4] == key[1]:
            need(signed(key[2], (text + "\n").encode(), data[4:]), "the signature does not fit the text")
            found = True
    need(found, "it is not signed by '%s'" % key[0])
    return text + "\n"

@functools.lru_cache(8)
def checkpoint(whole, key):
    origin, size, root = note(whole, key).split("\n")[:3]
    need(origin == key[0], "the checkpoint is of '%s'" % origin)
    need(size.isascii() and size.isdigit() and str(int(size)) == size, "the size is malformed")
    return int(size), unbase64(root)

def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()

def included(leaf, index, size, path, root):
    """RFC 9162, section 2.1.3.2."""
    need(index < size and len(path) < 64, "the proof has another size")
    fn, sn, r = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for p in path:
        need(sn != 0 and len(p) == 32, "the proof is too long")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and r == root, "event %d is not part of the signed tree" % (index + 1))

def proof(text, key, leaf=None):
    head, rest = text.split("\n\n", 1)
    lines = head.split("\n")
    need(lines.pop(0) == "c2sp.org/tlog-proof@v1", "it is no tlog-proof")
    if lines[0].startswith("extra "):
        extra = unbase64(lines.pop(0)[6:])
        need(leaf is None or leaf == extra, "the proof carries another event")
        leaf = extra
    need(leaf is not None, "the proof carries no event")
    index = int(lines.pop(0)[len("index "):])
    size, root = checkpoint(rest, key)
    included(leaf, index, size, [unbase64(line) for line in lines], root)
    return index + 1, size, leaf

def fields(leaf):
    """The fields of an event: each a length of four bytes, then the bytes."""
    parts, at = [], 0
    while at < len(leaf):
        (length,) = struct.unpack_from(">I", leaf, at)
        need(at + 4 + length <= len(leaf), "an event is cut off")
        parts.append(leaf[at + 4:at + 4 + length])
        at += 4 + length
    need(parts[0] == b"daybook-event-1" and len(parts) >= 13, "an event has an unknown form")
    number, hex_id, sealed = lambda b: struct.unpack(">q", b)[0], parts[1].hex(), parts[13:]
    need(len(sealed) == 5 * number(parts[12]), "an event has an unknown form")
    return {
        "id": "-".join([hex_id[:8], hex_id[8:12], hex_id[12:16], hex_id[16:20], hex_id[20:]]),
        "stream": parts[2].decode(), "revision": number(parts[3]), "type": parts[4].decode(),
        "schemaVersion": number(parts[5]), "occurred": number(parts[6]), "recorded": number(parts[7]),
        "correlation": parts[8].decode(), "causation": number(parts[9]) if parts[9] else None,
        "actor": parts[10].decode(), "data": json.loads(parts[11]),
        "sealed": [{"part": sealed[i].decode(), "person": sealed[i + 1].decode(),
                    "keyRevision": number(sealed[i + 2]), "key": sealed[i + 3].hex(),
                    "ciphertext": sealed[i + 4].hex()} for i in range(0, len(sealed), 5)],
    }

def export(folder, key):
    read = lambda name: open(os.path.join(folder, name), "rb").read()
    manifest, stated = read("manifest.json"), note(read("manifest.note").decode(), key)
    digest = base64.b64encode(hashlib.sha256(manifest).digest()).decode()
    need(stated == "daybook-export@v1\n%s\n" % digest, "the manifest was changed")
    manifest, events = json.loads(manifest), read("events.ndjson")
    need(hashlib.sha256(events).hexdigest() == manifest["sha256"], "events.ndjson was changed or cut off")
    size, root = checkpoint(read("checkpoint").decode(), key)
    need((size, root.hex()) == (manifest["size"], manifest["root"]), "the checkpoint is another one")
    positions, lines = [], events.decode().split("\n")
    need(lines.pop() == "" and len(lines) == manifest["events"], "events are missing or added")
    for line in lines:
        event = json.loads(line)
        position, leaf = event.pop("position"), unbase64(event.pop("leaf"))
        need(event == fields(leaf), "event %d reads otherwise than what was hashed" % position)
        text = read(os.path.join("proofs", "%d.tlog-proof" % position)).decode()
        need(proof(text, key, leaf)[:2] == (position, size), "the proof of event %d is another's" % position)
        positions.append(position)
    need(positions == sorted(set(positions)), "events are out of order")
    if manifest["complete"]:
        first, last = manifest["from"], manifest["to"]
        need(positions == list(range(first, last + 1)), "events are missing in the range")
    need(len(os.listdir(os.path.join(folder, "proofs"))) == len(positions), "proofs are missing or added")
    return "%d events of '%s' hold, under a checkpoint over %d." % (len(positions), key[0], size)

def main(arguments):
    if len(arguments) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 64
    try:
        key = public_key(arguments[1])
        if os.path.isdir(arguments[0]):
            print(export(arguments[0], key))
        else:
            position, size, leaf = proof(open(arguments[0]).read(), key)
            print("Event %d, '%s', is one of the %d events that '%s' signed." % (
                position, fields(leaf)["type"], size, key[0]))
        return 0
    except Wrong as wrong:
        print("Does not hold: %s." % wrong, file=sys.stderr)
        return 5
    except (OSError, ValueError, KeyError, IndexError, TypeError, struct.error) as error:
        print("Cannot be read: %s" % error, file=sys.stderr)
        return 65

sys.exit(main(sys.argv[1:]))
