"""The client against a real server with ghost vendors. Each name is a sentence that holds."""

import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "clients" / "python" / "src")]

import keysteward as ks  # noqa: E402
from server import Server  # noqa: E402

SERVER = Server("--ghost")
GUIDE = ROOT / "examples" / "python_guide.py"
OFFICIAL = "from composio_openai import App, ComposioToolSet\n"
OURS = "from keysteward import App, ComposioToolSet\n"
SECRET = "sk_live_canary_4f9a1c77d2"


def setUpModule():
    SERVER.start()
    SERVER.use_key("client")


def tearDownModule():
    SERVER.stop()
    SERVER.remove()


def toolset(**more):
    return ks.ComposioToolSet(api_key=SERVER.client.key, base_url=f"http://127.0.0.1:{SERVER.port}", **more)


class Guide(unittest.TestCase):
    def run_program(self, text):
        with toolset() as ts:
            integration = ts.create_integration(app=ks.App.SHOPIFY, auth_scheme="API_KEY")
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(ROOT / "clients" / "python" / "src"), *filter(None, sys.path)]),
            "KEYSTEWARD_API_KEY": SERVER.client.key,
            "KEYSTEWARD_URL": f"http://127.0.0.1:{SERVER.port}/api",
            "INTEGRATION_ID": integration.id,
        }
        return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, env=env)

    def test_the_guide_runs_with_only_its_import_line_changed(self):
        text = GUIDE.read_text()
        self.assertEqual(text.count(OFFICIAL), 1)
        done = self.run_program(text.replace(OFFICIAL, OURS))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Fields of shopify (API_KEY): ['api_key'", done.stdout)
        self.assertIn("Answer: connectionStatus='ACTIVE' connectedAccountId='ca_", done.stdout)
        self.assertIn("redirectUrl=None", done.stdout)
        self.assertIn("is ACTIVE", done.stdout)

    def test_the_second_example_is_the_guide_with_the_import_line_changed(self):
        ours = (ROOT / "examples" / "python_keysteward.py").read_text()
        self.assertEqual(ours, GUIDE.read_text().replace(OFFICIAL, OURS))


class Settings(unittest.TestCase):
    def setUp(self):
        self.saved = dict(os.environ)
        for name in ("KEYSTEWARD_API_KEY", "COMPOSIO_API_KEY", "KEYSTEWARD_URL", "COMPOSIO_BASE_URL"):
            os.environ.pop(name, None)

    def tearDown(self):
        os.environ.clear()
        os.environ.update(self.saved)

    def test_no_key_is_said_before_any_request(self):
        with self.assertRaisesRegex(ks.Unauthorized, "KEYSTEWARD_API_KEY"):
            ks.ComposioToolSet()

    def test_the_default_address_is_that_of_the_server(self):
        self.assertEqual(ks.ComposioToolSet(api_key="x").base_url, "http://127.0.0.1:9899")

    def test_the_base_url_may_end_in_api_or_not(self):
        for suffix in ("", "/", "/api", "/api/"):
            os.environ["COMPOSIO_BASE_URL"] = f"http://127.0.0.1:{SERVER.port}{suffix}"
            os.environ["COMPOSIO_API_KEY"] = SERVER.client.key
            with ks.ComposioToolSet() as ts:
                self.assertEqual(ts.get_app(ks.App.STRIPE)["key"], "stripe")

    def test_our_own_variables_come_first(self):
        os.environ.update(KEYSTEWARD_API_KEY="k1", COMPOSIO_API_KEY="k2")
        os.environ.update(KEYSTEWARD_URL="http://127.0.0.1:1", COMPOSIO_BASE_URL="http://127.0.0.1:2")
        self.assertEqual(ks.ComposioToolSet().base_url, "http://127.0.0.1:1")

    def test_a_repr_does_not_show_the_key(self):
        self.assertNotIn(SERVER.client.key, repr(toolset()))


class Names(unittest.TestCase):
    def test_any_name_in_capitals_is_an_app_and_an_action(self):
        self.assertEqual(ks.App.SHOPIFY.value, "shopify")
        self.assertEqual(ks.App.SHOPIFY.name, "SHOPIFY")
        self.assertEqual(ks.App("Stripe"), ks.App.STRIPE)
        self.assertEqual(ks.Action.STRIPE_GET_BALANCE.value, "STRIPE_GET_BALANCE")
        self.assertEqual(f"{ks.App.SHOPIFY}", "shopify")

    def test_other_attributes_stay_errors(self):
        for name in ("shopify", "__wrapped__", "_X"):
            with self.assertRaises(AttributeError):
                getattr(ks.App, name)


class Connecting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ts = toolset()
        cls.stripe = cls.ts.create_integration(app=ks.App.STRIPE, auth_scheme="API_KEY", name="client tests")

    @classmethod
    def tearDownClass(cls):
        cls.ts.close()

    def connect(self, entity, **more):
        return self.ts.initiate_connection(
            integration_id=self.stripe.id, entity_id=entity, connected_account_params={"api_key": SECRET}, **more
        )

    def test_expected_fields_come_as_a_list_of_dicts(self):
        info = self.ts.get_expected_params_for_user(integration_id=self.stripe.id)
        self.assertEqual((info["integration_id"], info["auth_scheme"]), (self.stripe.id, "API_KEY"))
        field = info["expectedInputFields"][0]
        self.assertIsInstance(field, dict)
        self.assertEqual(field["name"], "api_key")
        self.assertEqual(field.name, "api_key")
        self.assertTrue(field["is_secret"])

    def test_with_an_app_alone_an_integration_is_found_or_made(self):
        first = self.ts.get_expected_params_for_user(app=ks.App.OPENAI, auth_scheme="API_KEY")
        again = self.ts.get_expected_params_for_user(app="openai", auth_scheme="api_key".upper())
        self.assertEqual(first["integration_id"], again["integration_id"])

    def test_another_scheme_than_the_integrations_is_named(self):
        with self.assertRaises(ks.InvalidRequest) as caught:
            self.ts.get_expected_params_for_user(integration_id=self.stripe.id, auth_scheme="BASIC")
        self.assertEqual(caught.exception.field, "auth_scheme")
        with self.assertRaises(ks.InvalidRequest):
            self.connect("u", auth_scheme="BASIC")

    def test_a_connection_is_active_at_once_and_belongs_to_its_entity(self):
        made = self.connect("user one+%&=?#/ü,x", labels=["work"])
        self.assertEqual(made.connectionStatus, "ACTIVE")
        self.assertEqual(made.connection_status, "ACTIVE")
        self.assertIsNone(made.redirect_url)
        account = self.ts.get_connected_account(made.connected_account_id)
        self.assertEqual((account.status, account.app_name), ("ACTIVE", "stripe"))
        self.assertEqual(account.entity_id, "user one+%&=?#/ü,x")
        self.assertEqual(account.labels, ["work"])
        self.assertEqual(made.wait_until_active(timeout=5).id, account.id)
        entity = self.ts.get_entity("user one+%&=?#/ü,x")
        self.assertEqual([c.id for c in entity.get_connections()], [account.id])
        self.assertEqual(entity.get_connection(app=ks.App.STRIPE).id, account.id)
        self.assertNotIn(SECRET, repr(account.raw))

    def test_by_app_name_and_through_an_entity(self):
        made = self.ts.initiate_connection(
            app_name=ks.App.STRIPE, entity_id="by-app", auth_scheme="API_KEY",
            connected_account_params={"api_key": SECRET},
        )  # fmt: skip
        self.assertEqual(made.connectionStatus, "ACTIVE")
        other = self.ts.get_entity("through").initiate_connection(
            app_name="stripe", auth_mode="API_KEY", connected_account_params={"api_key": SECRET}
        )
        self.assertEqual(self.ts.get_connected_account(other.connectedAccountId).entityId, "through")

    def test_the_default_entity_is_default(self):
        made = self.ts.initiate_connection(
            integration_id=self.stripe.id, connected_account_params={"api_key": SECRET}
        )
        self.assertEqual(self.ts.get_connected_account(made.connectedAccountId).entityId, "default")

    def test_a_refused_key_raises_and_stores_nothing(self):
        with self.assertRaises(ks.CredentialRejected) as caught:
            self.ts.initiate_connection(
                integration_id=self.stripe.id, entity_id="refused",
                connected_account_params={"api_key": "sk_live_wrong_8c1f"},
            )  # fmt: skip
        self.assertNotIn("sk_live_wrong_8c1f", str(caught.exception) + repr(caught.exception.details))
        self.assertEqual(caught.exception.status, 400)
        self.assertEqual(self.ts.get_entity("refused").get_connections(), [])

    def test_a_missing_value_names_its_field(self):
        with self.assertRaises(ks.InvalidRequest) as caught:
            self.ts.initiate_connection(integration_id=self.stripe.id, connected_account_params={})
        self.assertIn("api_key", caught.exception.field or "")
        self.assertTrue(caught.exception.request_id)

    def test_unknown_things_are_not_found(self):
        for call in (
            lambda: self.ts.get_connected_account("ca_nosuch"),
            lambda: self.ts.get_integration("ac_nosuch"),
            lambda: self.ts.get_app("nosuchapp"),
            lambda: self.ts.execute_action("NOSUCH_ACTION", {}),
            lambda: self.ts.get_entity("nobody").get_connection(app="stripe"),
        ):
            with self.assertRaises(ks.NotFound):
                call()

    def test_a_wrong_key_is_unauthorized_and_a_dead_server_is_a_server_error(self):
        with ks.ComposioToolSet(api_key="nope", base_url=self.ts.base_url) as ts:
            with self.assertRaises(ks.Unauthorized):
                ts.get_apps()
        with ks.ComposioToolSet(api_key="nope", base_url="http://127.0.0.1:1") as ts:
            with self.assertRaises(ks.ServerError):
                ts.get_apps()


class Acting(unittest.TestCase):
    def test_an_action_is_executed_for_the_entity(self):
        with toolset() as ts:
            tools = ts.get_tools(apps=[ks.App.DEMO])
            for tool in tools:
                self.assertEqual(tool["type"], "function")
                self.assertEqual(tool["function"]["parameters"]["type"], "object")
            entity = ts.get_entity("actor")
            scheme = ts.get_app("demo")["auth_schemes"][0]
            values = {f["name"]: SECRET for f in scheme["fields"] if f["required"]}
            entity.initiate_connection(
                app_name="demo", auth_scheme=scheme["mode"], connected_account_params=values
            )
            ready = [t["function"] for t in tools if not t["function"]["parameters"].get("required")]
            out = entity.execute(ready[0]["name"], {})
            self.assertTrue(out["successful"], out)
            self.assertNotIn(SECRET, repr(out))

    def test_tools_by_action_name(self):
        with toolset() as ts:
            name = ts.get_tools(apps=["stripe"])[0]["function"]["name"]
            self.assertEqual([t["function"]["name"] for t in ts.get_tools(actions=[name])], [name])


if __name__ == "__main__":
    unittest.main()
