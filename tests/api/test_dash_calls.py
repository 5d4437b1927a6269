"""Pages of the dashboard that show calls, audit records and the overview (promises DASH-20 to DASH-24)."""

import html
import http.cookiejar
import re
import unittest
import urllib.error
import urllib.parse
import urllib.request

from world import World, until

W = World()
SECRET = "vk_dash_0123456789abcdef"


class Browser:
    """One browser without scripts, signed in."""

    def __init__(self, data=None, path=None):
        self.base = f"http://127.0.0.1:{W.server.port}"
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())).open
        if path is None:
            url = W.server.cli("dash", "--data", W.server.data, "--project", "one", "--url", self.base).stdout.strip()
            path = url[len(self.base) :]
        self.get(path, data or {})

    def get(self, path, data=None, want=200):
        """The text of a page; with `data` of a posted form."""
        body = None if data is None else urllib.parse.urlencode(data).encode()
        try:
            reply = self.open(self.base + path, body)
        except urllib.error.HTTPError as error:
            reply = error
        self.raw = reply.read().decode()
        assert reply.status == want, f"{path}: {reply.status} {self.raw[-600:]}"
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", self.raw[self.raw.index("<main") :])))


def setUpModule():
    W.start()
    W.ca = W.connect(W.integration(), {"api_key": SECRET}, "<b>ada</b>")
    for _ in range(60):
        W.execute("VEND_LIST_THINGS", connectedAccountId=W.ca)
    W.last = W.proxy(W.ca, "/status/404?note=private").headers["x-request-id"]
    until("the log holds all calls", lambda: len(W.good("GET", "/ks/calls?limit=100")["items"]) == 61)
    W.browser = Browser()


def tearDownModule():
    W.stop()


def lines(page):
    return [int(x) for x in re.findall(r'href="/dash/calls/(\d+)"', page)]


class Calls(unittest.TestCase):
    def test_the_list_goes_page_by_page_both_ways(self):  # DASH-20
        b = W.browser
        b.get("/dash/calls")
        first = lines(b.raw)
        self.assertEqual(first, list(range(61, 11, -1)))
        self.assertNotIn("Newer", b.raw)
        b.get("/dash/calls?" + re.search(r'"\?(older=[^"]+)"', b.raw)[1])
        self.assertEqual(lines(b.raw), list(range(11, 0, -1)))
        self.assertNotIn("Older", b.raw)
        b.get("/dash/calls?" + re.search(r'"\?(newer=[^"]+)"', b.raw)[1])
        self.assertEqual(lines(b.raw), first)
        b.get("/dash/calls?older=x", want=400)

    def test_filters_and_the_search_for_a_request(self):  # DASH-20
        b = W.browser
        b.get("/dash/calls?result=failed")
        self.assertEqual(lines(b.raw), [61])
        b.get("/dash/calls?" + urllib.parse.urlencode({"entity": "<b>ada</b>", "app": "Vend", "connection": W.ca, "result": "failed"}))
        self.assertEqual(lines(b.raw), [61])
        self.assertNotIn("<b>ada", b.raw)
        self.assertIn("No call is like that", b.get("/dash/calls?entity=nobody"))
        self.assertIn("GET /status/404", b.get("/dash/calls?request=" + W.last))
        b.get("/dash/calls?request=rq_unknown", want=404)

    def test_one_call_says_where_its_values_go_and_shows_none(self):  # DASH-21
        text = W.browser.get("/dash/calls/61")
        for part in ("GET /status/404", "vendor_error (404)", W.ca, W.last, "api_key yes header X-Vend-Key {{api_key}}", "region no query region {{region}}"):
            self.assertIn(part, text)
        for gone in (SECRET, SECRET[:6], "private"):
            self.assertNotIn(gone, W.browser.raw)
        for unknown in ("/dash/calls/999999", "/dash/calls/x", "/dash/calls/0"):
            W.browser.get(unknown, want=404)


class Audit(unittest.TestCase):
    def test_records_by_actor_action_and_object(self):  # DASH-22
        b = W.browser
        text = b.get(f"/dash/audit?action=proxy&object={W.ca}")
        self.assertIn(f"proxy {W.ca} vend refused", text)
        self.assertNotIn("action.execute", text)
        b.get(f"/dash/audit?action=action.execute&object={W.ca}")
        seqs = [int(x) for x in re.findall(r'<th scope="row">(\d+)</th>', b.raw)]
        self.assertEqual((len(seqs), seqs), (50, sorted(seqs, reverse=True)))
        older = html.unescape(re.search(r'"(\?[^"]*older=[^"]+)"', b.raw)[1])
        b.get("/dash/audit" + older)
        self.assertEqual(len(re.findall(r'<th scope="row">', b.raw)), 10)
        b.get("/dash/audit" + html.unescape(re.search(r'"(\?[^"]*newer=[^"]+)"', b.raw)[1]))
        self.assertEqual([int(x) for x in re.findall(r'<th scope="row">(\d+)</th>', b.raw)], seqs)
        self.assertIn("No record is like that", b.get("/dash/audit?actor=nobody"))

    def test_an_administrator_checks_the_whole_chain(self):  # DASH-23
        b = W.browser
        b.get("/dash/audit")
        token = re.search(r'action="/dash/audit/verify"><input type="hidden" name="csrf" value="([^"]+)"', b.raw)[1]
        self.assertRegex(b.get("/dash/audit/verify", {"csrf": token}), r"Chain intact to record \d+:")
        b.get("/dash/audit/verify", {"csrf": "x" + token[1:]}, want=403)

    def test_the_session_of_a_key_has_no_such_button(self):  # DASH-23
        key = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", "--scopes", "read,dashboard").stdout.strip()
        b = Browser({"key": key}, "/dash/login")
        b.get("/dash/audit")
        self.assertNotIn("/dash/audit/verify", b.raw)
        token = re.search(r'name="csrf" value="([^"]+)"', b.raw)[1]
        b.get("/dash/audit/verify", {"csrf": token}, want=403)


class Overview(unittest.TestCase):
    def test_it_tells_what_needs_somebody_and_what_went_on(self):  # DASH-24
        b = W.browser
        text = b.get("/dash")
        self.assertIn("Nothing: no connection has expired or failed since yesterday.", text)
        gone = W.connect(W.integration(), {"api_key": "vk_gone_0123456789abcdef"}, "lena")
        W.revoked.add("vk_gone_0123456789abcdef")
        for _ in range(2):
            W.proxy(gone, "/things")
        text = b.get("/dash")
        self.assertRegex(text, r"1 active connections .*1 expired .*0 failed .*\d+ calls in 24 h .*[23] of them failed")
        self.assertRegex(text, r"lena vend .* expired ")
        self.assertIn("/dash/connections/" + gone, b.raw)


if __name__ == "__main__":
    unittest.main()
