"""Forms of actions: lists and objects as each vendor reads them (`form` of an app file, docs/formats.md; ACT-13)."""

import json
import unittest
import urllib.parse

from test_acts import PARTS
from world import World

STYLES = ("repeat", "brackets", "indices", "dots")
HEAD = PARTS[: PARTS.index("actions:")].replace("app: parts", "app: forms").replace("name: Parts", "name: Forms")
ACTION = """  - name: FORMS_{upper}
    title: Send {style}
    about: Sends a form.
    method: POST
    path: /form
    encoding: form
    form: {style}
    tags: [write]
    params:
      - {{name: list, in: form, type: array, about: "Texts."}}
      - {{name: items, in: form, type: array, items: object, about: "Objects."}}
      - {{name: deep, in: form, type: object, about: "An object."}}
"""
FORMS = HEAD + "actions:\n" + "".join(ACTION.format(style=s, upper=s.upper()) for s in STYLES)
W = World(apps={"forms": FORMS}, ghost=False)


def setUpModule():
    W.start()
    W.ca = W.connect(W.integration("forms"), {"api_key": "vk_form_0123456789"}, "former")


def tearDownModule():
    W.stop()


class Forms(unittest.TestCase):
    def pairs(self, style, **arguments):
        reply = W.execute("FORMS_" + style.upper(), connectedAccountId=W.ca, input=arguments)
        self.assertIs(reply.json().get("successful"), True, reply)
        _, _, headers, body = W.last_seen()
        self.assertEqual(headers["content-type"], "application/x-www-form-urlencoded")
        return urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)

    def test_lists_stand_as_declared(self):  # ACT-13
        wanted = {"repeat": ("list", "list"), "brackets": ("list[]", "list[]"), "indices": ("list[0]", "list[1]"), "dots": ("list.0", "list.1")}
        for style in STYLES:
            with self.subTest(style):
                self.assertEqual(self.pairs(style, list=["a b", "c&d"]), list(zip(wanted[style], ["a b", "c&d"])))

    def test_objects_are_named_to_any_depth(self):  # ACT-13
        deep = {"a": {"b": {"c": 1}}, "d": True}
        for style in ("repeat", "brackets", "indices"):
            self.assertEqual(self.pairs(style, deep=deep), [("deep[a][b][c]", "1"), ("deep[d]", "true")])
        self.assertEqual(self.pairs("dots", deep=deep), [("deep.a.b.c", "1"), ("deep.d", "true")])

    def test_lists_of_objects_keep_their_members_together(self):  # ACT-13
        items = [{"price": "p_1", "tags": ["x"]}, {"price": "p_2"}]
        self.assertEqual(self.pairs("indices", items=items), [("items[0][price]", "p_1"), ("items[0][tags][0]", "x"), ("items[1][price]", "p_2")])
        self.assertEqual(self.pairs("dots", items=items), [("items.0.price", "p_1"), ("items.0.tags.0", "x"), ("items.1.price", "p_2")])
        for style, name in (("repeat", "items"), ("brackets", "items[]")):
            got = self.pairs(style, items=items)
            self.assertEqual([(k, json.loads(v)) for k, v in got], [(name, item) for item in items])


if __name__ == "__main__":
    unittest.main()
