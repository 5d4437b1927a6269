"""Files that SDKs upload before they run an action with them, and files that actions give. docs/api.md FILE-1..6."""

import hashlib
import os
import sqlite3
import unittest
import urllib.parse

from world import World

KEEPER = """
app: keeper
name: Keeper
about: Keeps files.
categories: [testing]
home: https://keeper.example
docs: none
schemes:
  - scheme: API_KEY
    fields:
      - {name: api_key, label: Key, help: Any text., example: kk_x, secret: true}
      - {name: base_url, label: Address, help: Where it listens., kind: url, required: false, default: "http://127.0.0.1:PORT"}
    base: "{{base_url}}"
    send:
      headers: {X-Keeper: "{{api_key}}"}
    check: none
    find: none
actions:
  - name: KEEPER_PUT_FILE
    title: Put a file
    about: Puts a file.
    method: POST
    path: /files
    encoding: multipart
    tags: [write]
    params:
      - {name: file, in: form, type: file, required: true, about: The file.}
  - name: KEEPER_GET_FILE
    title: Get a file
    about: Gives a file.
    method: GET
    path: /{what}
    answer: file
    tags: [read]
    params:
      - {name: what, in: path, required: true, about: Which one.}
"""
W = World(apps={"keeper": KEEPER})
BYTES = bytes(range(256)) * 8


def setUpModule():
    W.start()
    W.ca = W.connect(W.integration("keeper"), {"api_key": "kk_1"})


def tearDownModule():
    W.stop()


def announce(name="a.bin", key=..., **more):
    return W.good("POST", "/v2/actions/files/upload/request", {"filename": name, "mimetype": "application/x-a", "app": "keeper", **more}, key=key)


def put(url, data=BYTES):
    return W.call("PUT", urllib.parse.urlsplit(url).path, data, key=None, raw_type="application/x-a")


def run(s3key, key=..., **more):
    body = {"connectedAccountId": W.ca, "input": {"file": {"name": "a.bin", "mimetype": "application/x-a", "s3key": s3key, **more}}}
    return W.post("/v2/actions/KEEPER_PUT_FILE/execute", body, key=key)


class Files(unittest.TestCase):
    def test_an_uploaded_file_becomes_the_part_of_the_vendors_body(self):  # FILE-1 FILE-2 ACT-10
        old = announce()
        self.assertEqual((old["exists"], put(old["url"]).status), (False, 200))
        new = W.good("POST", "/v3/files/upload/request", {"filename": "b.bin", "mimetype": "application/x-a", "md5": hashlib.md5(BYTES).hexdigest(), "toolkit_slug": "keeper", "tool_slug": "KEEPER_PUT_FILE"})
        self.assertEqual((new["type"], put(new["new_presigned_url"]).status), ("new", 200))
        told = [(x["action"], x["object"]) for x in W.good("GET", "/ks/audit?limit=10")["items"]]  # FILE-4
        self.assertLessEqual({("file.announce", old["id"]), ("file.upload", old["id"])}, set(told))
        for one, name in ((old["key"], b"a.bin"), (new["key"], b"b.bin")):
            self.assertTrue(run(one).json()["successful"])
            self.assertIn(BYTES, W.last_seen()[3])
            self.assertIn(b'filename="' + name + b'"', W.last_seen()[3])

    def test_the_address_works_once_and_only_as_it_was_given(self):  # FILE-1 K4
        one, other = announce(), announce()
        self.assertEqual([put(one["url"]).status, put(one["url"]).status], [200, 409])
        wrong = [one["url"][:-1] + ("0" if one["url"][-1] != "0" else "1"), one["url"].replace(one["id"], other["id"]), one["url"].replace(one["id"] + ".", one["id"] + "..")]
        self.assertEqual([put(u).status for u in wrong], [404] * 3)
        self.assertEqual(W.get(urllib.parse.urlsplit(other["url"]).path, key=None).status, 405)
        self.assertNotIn(one["url"].rsplit(".", 1)[1], W.server.log())

    def test_what_is_no_file_of_this_project_is_named_by_its_argument(self):  # FILE-3 T7
        theirs = W.server.make_key("two")
        foreign = announce(key=theirs)
        self.assertEqual(put(foreign["url"]).status, 200)
        waiting = announce()["key"]
        before = len(W.up.seen)
        for s3key in (foreign["key"], waiting, "fi_" + "0" * 30, "nonsense"):
            reply = run(s3key)
            self.assertEqual((reply.status, reply.json()["details"][-1]["property"]), (400, "input.file"), reply)
        self.assertEqual(len(W.up.seen), before)

    def test_sizes_are_limited(self):  # FILE-1 FILE-3
        self.assertEqual(put(announce()["url"], b"x" * (5 * 1024 * 1024)).status, 200)
        self.assertEqual(put(announce()["url"], b"x" * (5 * 1024 * 1024 + 1)).status, 413)
        forged = announce()["url"]
        self.assertEqual(put(forged[:-4] + "zzzz", b"x" * (5 * 1024 * 1024)).status, 404)  # asked before the body is kept

    def test_other_bytes_than_were_announced_are_refused(self):  # FILE-5
        sum_ = hashlib.md5(BYTES).hexdigest()
        for said in (sum_, sum_.upper()):
            self.assertEqual(put(announce(md5=said)["url"]).status, 200)
        url = announce(md5=sum_)["url"]
        wrong = put(url, BYTES[:-1])
        self.assertEqual((wrong.status, wrong.json()["error"]["details"][0]["field"]), (400, "md5"), wrong)
        self.assertEqual(put(url).status, 200)  # the right ones may still come
        self.assertEqual(put(url.replace(sum_, hashlib.md5(BYTES[:-1]).hexdigest()), BYTES[:-1]).status, 404)
        for bad in ("0", sum_ + "0", "g" * 32):
            reply = W.post("/v2/actions/files/upload/request", {"filename": "a", "md5": bad})
            self.assertEqual((reply.status, reply.json()["details"][-1]["property"]), (400, "md5"), reply)

    def test_names_and_types_cannot_break_a_header(self):  # FILE-1 T1
        for bad in ({"filename": ""}, {"filename": "a\r\nX: y"}, {"filename": "x" * 256}, {"filename": "a", "mimetype": "a/b\r\nX: y"}, {"filename": "a", "mimetype": "b"}):
            self.assertEqual(W.post("/v2/actions/files/upload/request", bad).status, 400, bad)

    def test_the_schema_marks_it_for_sdks(self):  # FILE-2
        schema = W.good("GET", "/v2/actions/KEEPER_PUT_FILE")["parameters"]["properties"]["file"]
        self.assertEqual((schema["file_uploadable"], sorted(schema["properties"])), (True, ["content", "mimetype", "name", "s3key"]))

    def test_stored_bytes_are_sealed_bound_to_their_row_and_outlive_a_kill(self):  # FILE-3 C3 D4
        a, b, c = (announce() for _ in range(3))
        marks = [b"telling_bytes_%d_" % i * 40 for i in range(3)]
        self.assertEqual([put(x["url"], m).status for x, m in zip((a, b, c), marks)], [200] * 3)
        held = b"".join(open(os.path.join(W.server.data, f), "rb").read() for f in os.listdir(W.server.data) if f.startswith("keysteward.db"))
        self.assertNotIn(b"telling_bytes", held)
        W.server.kill()
        db = sqlite3.connect(os.path.join(W.server.data, "keysteward.db"))
        db.execute("UPDATE files SET (nonce, ct) = (SELECT nonce, ct FROM files WHERE id = ?) WHERE id = ?", (c["id"], b["id"]))
        ct = bytearray(db.execute("SELECT ct FROM files WHERE id = ?", (c["id"],)).fetchone()[0])
        ct[7] ^= 1
        db.execute("UPDATE files SET ct = ? WHERE id = ?", (bytes(ct), c["id"]))
        db.commit()
        db.close()
        W.server.start()
        W.server.client.key = W.key
        before = len(W.up.seen)
        self.assertEqual([run(x["key"]).status for x in (b, c)], [500, 500])
        self.assertEqual(len(W.up.seen), before)
        self.assertTrue(run(a["key"]).json()["successful"])
        self.assertIn(marks[0], W.last_seen()[3])


class Given(unittest.TestCase):  # FILE-6
    def run_for(self, what, **more):
        return W.post("/v2/actions/KEEPER_GET_FILE/execute", {"connectedAccountId": W.ca, "input": {"what": what}}, **more)

    def get(self, url):
        return W.get(urllib.parse.urlsplit(url).path, key=None)

    def test_the_answer_is_a_file_to_be_fetched_from_here(self):
        for what, name, kind, data in (("bytes", "KEEPER_GET_FILE.png", "image/png", b"\x89PNG\x00\xff"), ("text", "KEEPER_GET_FILE.txt", "text/plain", b"just text")):
            file = self.run_for(what).json()["data"]["file"]
            self.assertEqual((file["name"], file["mimetype"]), (name, kind))
            new = W.good("POST", "/v3/tools/execute/KEEPER_GET_FILE", {"connected_account_id": W.ca, "user_id": "user_1", "arguments": {"what": what}})
            for url in (file["s3url"], file["s3url"], new["data"]["file"]["s3url"]):  # as often as wanted
                got = self.get(url)
                self.assertEqual((got.status, got.body), (200, data))
                self.assertEqual((got.headers["content-type"], got.headers["content-disposition"]), ("application/octet-stream", "attachment"))
        self.assertIn("file.keep", [x["action"] for x in W.good("GET", "/ks/audit?limit=5")["items"]])

    def test_it_outlives_a_restart_and_is_sealed(self):  # D1
        url = self.run_for("text").json()["data"]["file"]["s3url"]
        W.server.kill()
        held = b"".join(open(os.path.join(W.server.data, f), "rb").read() for f in os.listdir(W.server.data) if f.startswith("keysteward.db"))
        self.assertNotIn(b"just text", held)
        W.server.start()
        W.server.client.key = W.key
        self.assertEqual(self.get(url).body, b"just text")

    def test_the_address_is_needed_whole(self):  # K4 T7
        url = self.run_for("text").json()["data"]["file"]["s3url"]
        head, tag, name = url.rsplit(".", 1)[0].rsplit(".", 1)[0], url.split("/")[-2].rsplit(".", 1)[1], url.rsplit("/", 1)[1]
        for wrong in (url.replace(tag, tag[::-1]), url.rsplit("/", 1)[0], head + "/" + name):
            self.assertIn(self.get(wrong).status, (404, 405), wrong)
        self.assertEqual(W.call("PUT", urllib.parse.urlsplit(url).path, b"x", key=None).status, 405)
        uploaded = announce()["url"]
        self.assertEqual(put(uploaded).status, 200)
        self.assertEqual(self.get(uploaded + "/a.bin").status, 404)  # the right to send is none to fetch
        self.assertNotIn(tag, W.server.log())

    def test_what_the_vendor_refuses_is_no_file(self):
        for what in ("redirect", "big"):  # no 2xx, and larger than an answer may be
            self.assertNotIn("file", self.run_for(what).json()["data"])

    def test_a_key_of_idempotency_gives_the_same_file(self):  # ACT-12
        first, again = (self.run_for("text", headers={"Idempotency-Key": "file-1"}) for _ in range(2))
        self.assertEqual(first.json()["data"], again.json()["data"])

    def test_schemas_mark_it_for_sdks(self):
        old = W.good("GET", "/v2/actions/KEEPER_GET_FILE")["response"]["properties"]["data"]["properties"]["file"]
        new = W.good("GET", "/v3/tools/KEEPER_GET_FILE")["output_parameters"]["properties"]["data"]["properties"]["file"]
        for schema in (old, new):
            self.assertEqual((schema["file_downloadable"], schema["required"]), (True, ["name", "mimetype", "s3url"]))
        self.assertNotIn("file_downloadable", W.get("/v2/actions/KEEPER_PUT_FILE").text)


if __name__ == "__main__":
    unittest.main()
