"""OpenAPI documents become apps of the project: sent, or fetched by the server without any credential."""

import json
import unittest

from world import Upstream, World

W = World()
PAGE = {"status": 200, "body": b""}  # what the place of documents answers
DOCS = Upstream(lambda *_: (PAGE["status"], {"Location": W.up.url + "/stolen"}, PAGE["body"]))

DOCUMENT = """openapi: 3.0.3
info: {title: Harbour API, description: Ships and berths.}
servers: [{url: "BASE"}]
security: [{Key: []}]
components:
  securitySchemes:
    Key: {type: apiKey, in: header, name: X-Harbour-Key}
paths:
  /me: {get: {operationId: whoAmI, responses: {200: {content: {application/json: {schema: {properties: {id: {type: string}}}}}}}}}
  /ships/{ship}:
    get: {operationId: getShip, parameters: [{name: ship, in: path, required: true, schema: {type: string}}]}
    delete: {operationId: sinkShip, deprecated: true}
  /ships:
    post:
      operationId: addShip
      requestBody: {content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}, tons: {type: integer}}}}}}
"""


def setUpModule():
    DOCS.__enter__()
    W.flags = ("--allow-private", DOCS.address)
    W.start()
    W.theirs = W.server.make_key("two")


def tearDownModule():
    W.stop()
    DOCS.__exit__()


def document():
    return DOCUMENT.replace("BASE", W.up.url + "/v1")


def send(query="", body=None, type_="application/yaml", **more):
    return W.server.http("POST", "/ks/apps/import" + query, (body or document()).encode(), raw_type=type_, **more)


class Import(unittest.TestCase):
    def test_dry_run_shows_the_file_and_adds_nothing(self):
        """IMP-2"""
        reply = send("?dry_run=true")
        self.assertEqual(reply.status, 200, reply)
        body = reply.json()
        self.assertEqual((body["key"], body["added"], body["actions"], body["operations"]), ("harbour", False, 3, 4))
        self.assertIn("HARBOUR_ADD_SHIP", body["file"])
        self.assertTrue(any("deprecated" in note["text"] for note in body["notes"]), body["notes"])
        self.assertEqual(W.server.http("GET", "/ks/apps/harbour").status, 404)

    def test_an_imported_app_connects_and_acts_for_its_project_alone(self):
        """IMP-1, T7"""
        reply = send("?name=dock")
        self.assertEqual((reply.status, reply.json()["version"], reply.json()["added"]), (201, 1, True), reply)
        self.assertNotIn("file", reply.json())
        self.assertEqual(W.server.http("GET", "/ks/apps/dock", key=W.theirs).status, 404)
        made = W.server.http("POST", "/v1/integrations", {"appName": "dock", "useComposioAuth": False})
        done = W.server.http("POST", "/v1/connectedAccounts",
                             {"integrationId": made.json()["id"], "data": {"api_key": "hk_0123456789abcdef"}, "userUuid": "u"})
        self.assertIn(done.status, (200, 201), done)
        ran = W.server.http("POST", "/v2/actions/DOCK_ADD_SHIP/execute",
                            {"connectedAccountId": done.json()["connectedAccountId"], "input": {"name": "Ida", "tons": 7}})
        self.assertTrue(ran.json()["successful"], ran)
        method, path, headers, body = W.up.seen[-1]
        self.assertEqual((method, path, headers["x-harbour-key"]), ("POST", "/v1/ships", "hk_0123456789abcdef"))
        self.assertEqual(json.loads(body), {"name": "Ida", "tons": 7})
        again = send("?name=dock&deprecated=true")
        self.assertEqual((again.status, again.json()["version"], again.json()["actions"]), (200, 2, 4), again)

    def test_faults_name_their_line(self):
        """IMP-4"""
        for text, wanted in (("openapi: 3.0.0\npaths: {\n", "document:3: is not valid YAML"),
                             ('{"openapi": "3.0.0",\n"paths" 1}', "document:2: is not valid JSON"),
                             ("a: 1\n", "document:1: is no OpenAPI document"),
                             (document() + "  /x:\n    get: {parameters: [{$ref: other.yaml}]}\n", ": this `$ref` leads out")):  # fmt: skip
            reply = send(body=text)
            self.assertEqual((reply.status, reply.json()["error"]["code"]), (400, "document_invalid"), reply)
            self.assertIn(wanted, reply.json()["error"]["message"])
        self.assertEqual(send("?name=9").json()["error"]["field"], "name")
        self.assertEqual(send("?base=ftp://x").json()["error"]["field"], "base")
        self.assertEqual(send("?auth=x").json()["error"]["field"], "auth")
        self.assertEqual(send(key=None).status, 401)

    def test_a_key_of_the_catalogue_is_taken_only_when_asked(self):
        self.assertEqual(send("?name=stripe").status, 409)
        self.assertEqual(send("?name=stripe&replace=true").status, 201)
        self.assertEqual(W.server.http("DELETE", "/ks/apps/stripe?force=true").status, 200)


class ByAddress(unittest.TestCase):
    def fetch(self, url, query="?dry_run=true", **more):
        return W.server.http("POST", "/ks/apps/import" + query, {"url": url, **more})

    def test_a_document_is_fetched_without_any_credential_and_its_servers_seen_from_there(self):
        """IMP-3, N1, N5"""
        PAGE.update(status=200, body=DOCUMENT.replace("BASE", "/v2").encode())
        reply = self.fetch(DOCS.url + "/docs/openapi.yaml", "?name=quay&dry_run=true")
        self.assertEqual(reply.status, 200, reply)
        self.assertIn(f"base: {DOCS.url}/v2", reply.json()["file"].replace('"', ""))
        method, path, headers, _ = DOCS.seen[-1]
        self.assertEqual((method, path), ("GET", "/docs/openapi.yaml"))
        self.assertFalse({"authorization", "x-api-key", "cookie"} & set(headers), headers)
        added = self.fetch(DOCS.url + "/docs/openapi.yaml", "?name=quay")
        self.assertEqual((added.status, added.json()["version"]), (201, 1), added)

    def test_addresses_of_the_inside_are_refused(self):
        """IMP-3, N2, N3, N4"""
        for url in ("http://127.0.0.1:1/x", "https://127.0.0.1/x", "https://169.254.169.254/latest", "https://[::1]/", "http://acme.example/x",
                    "file:///etc/passwd", "https://user@acme.example/", "https://acme.example/#x", ""):  # fmt: skip
            reply = self.fetch(url)
            self.assertEqual((reply.status, reply.json()["error"]["field"]), (400, "url"), (url, reply))

    def test_what_is_there_but_no_document_is_told(self):
        """IMP-3, N5"""
        for status, body, wanted in ((200, b"<html>", "document:1: "), (404, b"gone", "answered 404"), (302, b"", "answered 302")):
            PAGE.update(status=status, body=body)
            self.assertIn(wanted, self.fetch(DOCS.url + "/x").json()["error"]["message"])
        self.assertNotIn("/stolen", [path for _, path, _, _ in W.up.seen])


if __name__ == "__main__":
    unittest.main()
