"""The v3 API under /v3 and /v3.1: what its SDKs count on. Whole answers are compared in test_contract_v3.py."""

import unittest

from world import World, quoted

W = World()
SECRET = "vk_v3_0123456789abcdef"
ABSENT = "ca_" + "0" * 30


def setUpModule():
    W.start()
    W.ac = config()
    W.ca = account(W.ac, user="ada", alias="work")


def tearDownModule():
    W.stop()


def v3(method, path, body=None, **more):
    return W.call(method, "/api/v3.1" + path, body, **more)


def good(method, path, body=None, status=200):
    reply = v3(method, path, body)
    assert reply.status == status, f"{method} {path}: {reply}"
    return reply.json()


def config(toolkit="vend", scheme="API_KEY", **more):
    body = {"toolkit": {"slug": toolkit}, "auth_config": {"type": "use_custom_auth", "authScheme": scheme, **more}}
    return good("POST", "/auth_configs", body, 201)["auth_config"]["id"]


def wish(config_id, user="ada", scheme="API_KEY", alias=None, **val):
    state = {"authScheme": scheme, "val": {"status": "ACTIVE", **(val or {"generic_api_key": SECRET})}}
    connection = {"user_id": user, "state": state, **({"alias": alias} if alias else {})}
    return {"auth_config": {"id": config_id}, "connection": connection}


def account(config_id, **more):
    return good("POST", "/connected_accounts", wish(config_id, **more), 201)["id"]


def ids(query):
    return [i["id"] for i in good("GET", "/connected_accounts?" + query)["items"]]


class V3(unittest.TestCase):
    def refused(self, reply, status, slug, code=None):
        self.assertEqual(reply.status, status, reply)
        error = reply.json()["error"]
        self.assertEqual((error["status"], error["slug"]), (status, slug), reply)
        self.assertTrue(error["suggested_fix"] and error["message"], reply)
        self.assertEqual(error["request_id"], reply.headers["x-request-id"])
        if code:
            self.assertEqual(error["code"], code, reply)
        for word in ("entityId", "connectedAccountId", "integration"):
            self.assertNotIn(word, reply.text)
        return error


class Shapes(V3):
    def test_what_clients_send_otherwise_than_the_contract_shows_is_taken(self):  # V3-1
        fresh, spare = config(), account(W.ac, user="spare")
        multi = good("POST", "/toolkits/multi", {"toolkits": ["vend", "nope"]})
        self.assertEqual([item["slug"] for item in multi["items"]], ["vend"])
        custom = {"type": "custom", "credentials": {}, "tool_access_config": {}}
        self.assertIs(good("PATCH", f"/auth_configs/{fresh}", custom)["success"], True)
        self.assertEqual(good("POST", f"/connected_accounts/{spare}/refresh", None)["id"], spare)

    def test_each_route_answers_under_both_prefixes(self):  # V3-1
        for prefix in ("/v3", "/v3.1", "/api/v3", "/api/v3.1"):
            self.assertEqual(W.get(prefix + "/toolkits/vend").json()["slug"], "vend")
            self.assertEqual(W.get(prefix + "/auth_configs/" + W.ac).status, 200)

    def test_what_is_optional_is_left_out_and_never_null(self):  # V3-1
        may = {"next_cursor", "status_reason", "redirect_url", "redirect_uri", "alias", "word_id", "app_url", "error"}
        may |= {"default_connector_id"}

        def walk(value, name):
            self.assertTrue(value is not None or name in may, name)
            for key, inner in value.items() if isinstance(value, dict) else ():
                walk(inner, key)
            for inner in value if isinstance(value, list) else ():
                walk(inner, name)

        for path in ("/toolkits?limit=1000", "/tools?limit=1000", "/auth_configs", "/connected_accounts"):
            walk(good("GET", path), "")
        walk(good("GET", "/connected_accounts/" + W.ca), "")


class Lists(V3):
    def test_pages_add_up_and_limits_are_clamped(self):  # V3-2
        def walk(limit):
            got, cursor, pages = [], None, 0
            while cursor or not pages:
                page = good("GET", f"/toolkits?limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
                got, cursor, pages = got + [i["slug"] for i in page["items"]], page["next_cursor"], pages + 1
                self.assertEqual(page["current_page"], pages)
            self.assertEqual((len(got), pages), (page["total_items"], page["total_pages"]))
            return got, pages

        whole, pages = walk(9999)
        self.assertEqual(pages, -(-len(whole) // 1000))
        self.assertEqual(walk(30)[0], whole)
        self.assertEqual(len(set(whole)), len(whole))
        self.assertEqual(len(good("GET", "/toolkits")["items"]), 20)
        self.assertEqual(len(good("GET", "/toolkits?limit=0")["items"]), 1)
        self.refused(v3("GET", "/toolkits?limit=many"), 400, "HTTP_BadRequest")

    def test_rows_that_come_and_go_shift_no_page(self):  # V3-2
        def walk(path, want, between):
            got, cursor = [], None
            while cursor or not got:
                page = good("GET", path + (f"&cursor={cursor}" if cursor else ""))
                got, cursor = got + [i["id"] for i in page["items"]], page["next_cursor"]
                between()
            self.assertEqual(got, want, path)

        configs = [config(name="pages") for _ in range(5)]
        accounts = [account(configs[0], user="pages") for _ in range(5)]
        for order, want in (("desc", accounts[::-1]), ("asc", accounts)):
            spare = []

            def forget():
                while spare:
                    good("DELETE", "/connected_accounts/" + spare.pop())

            def between():
                forget()
                if order == "desc":
                    spare.append(account(configs[0], user="pages"))

            for by in ("created_at", "updated_at"):
                walk(f"/connected_accounts?user_ids=pages&limit=2&order_by={by}&order_direction={order}", want, between)
                forget()
        walk("/auth_configs?search=pages&limit=2", configs[::-1], lambda: config(name="pages"))

    def test_a_cursor_serves_its_own_list_filter_and_project_alone(self):  # V3-2
        cursor = good("GET", "/tools?toolkit_slug=vend&limit=1")["next_cursor"]
        self.assertEqual(v3("GET", f"/tools?limit=1&cursor={cursor}&toolkit_slug=vend").status, 200)
        other = W.server.make_key("two")
        for path, more in (
            (f"/tools?cursor={cursor}", {}),
            (f"/tools?toolkit_slug=stripe&cursor={cursor}", {}),
            (f"/toolkits?toolkit_slug=vend&cursor={cursor}", {}),
            (f"/tools?toolkit_slug=vend&cursor={cursor[:-1] + ('0' if cursor[-1] != '0' else '1')}", {}),
            (f"/tools?toolkit_slug=vend&cursor={cursor}", {"key": other}),
            ("/tools?cursor=eyJwIjogMn0", {}),
        ):
            with self.subTest(path):
                self.refused(v3("GET", path, **more), 400, "HTTP_BadRequest")

    def test_accounts_are_filtered_exactly(self):  # V3-6
        ac, other = config(), config(scheme="BEARER_TOKEN")
        first, second = account(ac, user="f,1"), account(other, user="f2", scheme="BEARER_TOKEN", token="vt_1")
        v3("PATCH", f"/connected_accounts/{second}/status", {"enabled": False})
        self.assertEqual(ids(f"auth_config_ids={ac},{other}&order_direction=asc"), [first, second])
        self.assertEqual(ids(f"auth_config_ids={ac},{other}"), [second, first])
        self.assertEqual(ids(f"auth_config_ids={ac},{other}&statuses=ACTIVE"), [first])
        self.assertEqual(ids(f"auth_config_ids={ac}%2C{other}&statuses=INACTIVE%2CREVOKED"), [second])
        self.assertEqual(ids("user_ids=" + quoted("f,1")), [first])
        self.assertEqual(ids("user_ids=f2&toolkit_slugs=VEND,stripe"), [second])
        self.assertEqual(ids("user_ids=f2&toolkit_slugs=stripe"), [])
        self.assertEqual(ids(f"connected_account_ids={first},{ABSENT}"), [first])
        self.assertEqual(ids(f"auth_config_ids={ac},{other}&order_by=updated_at"), [second, first])
        self.refused(v3("GET", "/connected_accounts?statuses=NOPE"), 400, "HTTP_BadRequest")
        self.refused(v3("GET", "/connected_accounts?order_by=name"), 400, "HTTP_BadRequest")

    def test_tools_are_found_by_toolkit_slug_word_and_flag(self):  # V3-3
        def slugs(query):
            return [t["slug"] for t in good("GET", "/tools?" + query)["items"]]

        self.assertEqual(len(slugs("toolkit_slug=VEND&toolkit_versions=latest")), 4)
        self.assertEqual(slugs("toolkit_slug=vend&important=true"), ["VEND_LIST_THINGS"])
        self.assertEqual(slugs("tool_slugs=vend_get_thing,NO_SUCH&important=true&limit=9999"), ["VEND_GET_THING"])
        self.assertEqual(slugs("query=make+a+thing&toolkit_slug=vend")[0], "VEND_MAKE_THING")
        self.assertEqual(slugs("search=make%20a%20thing&toolkit_slug=vend")[0], "VEND_MAKE_THING")
        self.assertEqual(set(slugs("toolkit_slug=vend&tags=readOnlyHint")), {"VEND_LIST_THINGS", "VEND_GET_THING"})
        self.assertEqual(slugs("toolkit_slug=nope"), [])
        for tool in good("GET", "/tools?limit=1000")["items"]:
            self.assertRegex(tool["slug"], r"^[A-Za-z0-9_-]{1,64}$")
            self.assertLessEqual(set(tool["input_parameters"]["required"]), set(tool["input_parameters"]["properties"]))

    def test_toolkits_are_filtered_and_sorted(self):
        names = [t["name"].lower() for t in good("GET", "/toolkits?limit=1000&sort_by=alphabetically")["items"]]
        self.assertEqual(names, sorted(names))
        self.assertEqual([t["slug"] for t in good("GET", "/toolkits?category=testing&search=VEN")["items"]], ["vend"])
        self.assertEqual(good("GET", "/toolkits?managed_by=composio")["items"], [])

    def test_auth_configs_are_filtered(self):  # V3-4
        one = config(name="filtered Näme")
        find = lambda query: [c["id"] for c in good("GET", "/auth_configs?" + query)["items"]]  # noqa: E731
        self.assertEqual(find("search=FILTERED"), [one])
        self.assertEqual(find("search=" + one), [one])
        self.assertIn(one, find("toolkit_slug=stripe,VEND&limit=1000"))
        self.assertEqual(find("search=filtered&toolkit_slug=stripe"), [])
        v3("PATCH", f"/auth_configs/{one}/DISABLED")
        self.assertEqual((find("search=filtered"), find("search=filtered&show_disabled=true")), ([], [one]))


class Changes(V3):
    def test_an_account_of_either_line_is_one_of_the_other(self):  # V3-1
        old = W.connect(W.ac, {"api_key": SECRET}, "both")
        self.assertEqual(good("GET", "/connected_accounts/" + old)["user_id"], "both")
        self.assertEqual(W.account(W.ca)["clientUniqueUserId"], "ada")

    def test_values_are_masked_in_every_answer(self):  # V3-5
        made = good("POST", "/connected_accounts", wish(W.ac, user="mask"), 201)
        self.assertEqual(made["connectionData"]["val"]["api_key"], SECRET[:4] + "********")
        for path in ("/connected_accounts/" + made["id"], "/connected_accounts?user_ids=mask", "/auth_configs"):
            self.assertNotIn(SECRET, v3("GET", path).text)

    def test_missing_fields_are_named(self):  # V3-5
        error = self.refused(
            v3("POST", "/connected_accounts", wish(W.ac, status="ACTIVE")), 400,
            "ConnectedAccount_MissingRequiredFields", 612,
        )  # fmt: skip
        self.assertIn("connection.state.val.api_key: is required", error["errors"][0])
        body = wish(W.ac)
        body["connection"] = {"user_id": "old", "data": {"generic_api_key": SECRET}}
        self.assertEqual(v3("POST", "/connected_accounts", body).status, 201)

    def test_another_scheme_a_refused_key_and_unknown_ids_are_refused(self):  # V3-5
        self.refused(v3("POST", "/connected_accounts", wish(W.ac, scheme="BASIC")), 400, "HTTP_BadRequest")
        self.refused(
            v3("POST", "/connected_accounts", wish(W.ac, api_key="vk_wrong_123")), 400, "ConnectedAccount_BadRequest", 600
        )
        self.refused(v3("POST", "/connected_accounts", wish("ac_nope")), 404, "AuthConfig_ResourceNotFound", 306)
        for method, tail in (("GET", ""), ("DELETE", ""), ("POST", "/revoke"), ("POST", "/refresh")):
            reply = v3(method, f"/connected_accounts/{ABSENT}{tail}", {} if tail else None)
            self.refused(reply, 404, "ConnectedAccount_ResourceNotFound", 606)

    def test_an_alias_belongs_to_one_account_of_a_user_and_toolkit(self):  # V3-7
        self.assertEqual(good("GET", "/connected_accounts/" + W.ca)["alias"], "work")
        self.refused(v3("POST", "/connected_accounts", wish(W.ac, alias="work")), 400, "ConnectedAccount_BadRequest", 600)
        other = account(W.ac, user="bob", alias="work")
        second = account(W.ac, user="bob")
        reply = v3("PATCH", "/connected_accounts/" + second, {"alias": "work"})
        self.refused(reply, 400, "ConnectedAccount_BadRequest", 600)
        good("PATCH", "/connected_accounts/" + other, {"alias": None})
        good("PATCH", "/connected_accounts/" + second, {"alias": "work"})
        self.assertIsNone(good("GET", "/connected_accounts/" + other)["alias"])
        self.assertEqual(good("GET", "/connected_accounts/" + second)["alias"], "work")

    def test_new_values_are_checked_before_the_swap_and_the_others_stay(self):  # V3-7
        one = account(W.ac, user="swap", api_key=SECRET, region="us")
        state = lambda **val: {"connection": {"state": {"authScheme": "API_KEY", "val": val}}}  # noqa: E731
        self.refused(
            v3("PATCH", "/connected_accounts/" + one, state(api_key="vk_wrong_1")), 400, "ConnectedAccount_BadRequest"
        )
        good("PATCH", "/connected_accounts/" + one, state(api_key="vk_rotated_0123456789"))
        good("POST", "/tools/execute/VEND_LIST_THINGS", {"connected_account_id": one})
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_rotated_0123456789")
        self.assertIn("region=us", W.last_seen()[1])
        good("PATCH", "/connected_accounts/" + one, state(region=None))
        good("POST", "/tools/execute/VEND_LIST_THINGS", {"connected_account_id": one})
        self.assertIn("region=eu", W.last_seen()[1])

    def test_a_revoked_account_is_of_no_use_until_it_gets_new_values(self):  # V3-8
        one = account(W.ac, user="revoked")
        good("POST", f"/connected_accounts/{one}/revoke")
        self.assertEqual(good("GET", "/connected_accounts/" + one)["state"]["val"], {"status": "REVOKED"})
        reply = v3("POST", "/tools/execute/VEND_LIST_THINGS", {"connected_account_id": one})
        self.refused(reply, 422, "ActionExecute_ConnectedAccountNotActive", 1811)
        reply = v3("POST", f"/connected_accounts/{one}/refresh", {"validate_credentials": True})
        self.assertEqual(reply.status, 422, reply)
        state = {"connection": {"state": {"authScheme": "API_KEY", "val": {"api_key": SECRET}}}}
        self.assertEqual(good("PATCH", "/connected_accounts/" + one, state)["status"], "ACTIVE")

    def test_auth_configs_merge_credentials_and_limit_tools(self):  # V3-4
        one = config(shared_credentials={"api_key": SECRET})
        got = good("GET", "/auth_configs/" + one)
        self.assertEqual([f["name"] for f in got["expected_input_fields"] if f["required"]], [])
        patch = {"type": "custom", "credentials": {"region": "us"}, "tool_access_config": {}}
        good("PATCH", "/auth_configs/" + one, patch)
        self.assertEqual(set(good("GET", "/auth_configs/" + one)["credentials"]), {"api_key", "region"})
        patch = {"type": "custom", "tool_access_config": {"tools_available_for_execution": ["vend_get_thing"]}}
        good("PATCH", "/auth_configs/" + one, patch)
        self.assertEqual(good("GET", "/auth_configs/" + one)["restrict_to_following_tools"], ["VEND_GET_THING"])
        ca = account(one, user="limited", status="ACTIVE")
        self.assertEqual(v3("POST", "/tools/execute/VEND_LIST_THINGS", {"connected_account_id": ca}).status, 400)
        self.assertEqual(good("GET", "/auth_configs/" + one)["no_of_connections"], 1)

    def test_no_managed_auth_and_no_strange_scheme(self):  # V3-4
        for body in ({"toolkit": {"slug": "vend"}}, {"toolkit": {"slug": "vend"}, "auth_config": {"type": "use_composio_managed_auth"}}):
            self.refused(v3("POST", "/auth_configs", body), 400, "AuthConfig_DefaultAuthConfigNotFound", 302)
        body = {"toolkit": {"slug": "vend"}, "auth_config": {"type": "use_custom_auth", "authScheme": "NOPE"}}
        reply = v3("POST", "/auth_configs", body)
        self.refused(reply, 400, "HTTP_BadRequest")
        self.assertNotIn("NOPE", reply.text)
        self.refused(v3("POST", "/auth_configs", {"toolkit": {"slug": "nope"}}), 404, "Toolkit_NotFound", 2404)
        self.refused(v3("PATCH", f"/auth_configs/{W.ac}/HALF"), 400, "HTTP_BadRequest")

    def test_a_disabled_auth_config_takes_and_executes_nothing(self):  # V3-4
        one = config()
        ca = account(one, user="dis")
        good("PATCH", f"/auth_configs/{one}/DISABLED")
        self.assertEqual(v3("POST", "/connected_accounts", wish(one)).status, 404)
        self.assertEqual(v3("POST", "/tools/execute/VEND_LIST_THINGS", {"connected_account_id": ca}).status, 400)
        self.assertIs(good("GET", "/connected_accounts/" + ca)["auth_config"]["is_disabled"], True)


class Acting(V3):
    def test_the_newest_active_account_is_used_and_told(self):  # V3-9
        account(W.ac, user="many")
        newest = account(W.ac, user="many")
        out = good("POST", "/tools/execute/VEND_LIST_THINGS", {"user_id": "many", "version": "20260101_00"})
        self.assertEqual((out["successful"], out["error"], out["connected_account_id"]), (True, None, newest))

    def test_users_versions_and_accounts_that_do_not_fit_are_refused(self):  # V3-9
        def run(**body):
            return v3("POST", "/tools/execute/VEND_LIST_THINGS", body)

        self.refused(run(user_id="nobody"), 404, "ActionExecute_ConnectedAccountNotFound", 1810)
        self.refused(run(connected_account_id=ABSENT), 404, "ActionExecute_ConnectedAccountNotFound", 1810)
        mismatch = "ActionExecute_ConnectedAccountEntityIdMismatch"
        self.refused(run(connected_account_id=W.ca, user_id="bob"), 400, mismatch, 1812)
        self.refused(run(user_id="ada", version="19990101_00"), 404, "Tool_ToolNotFound", 2301)
        self.refused(v3("GET", "/tools/VEND_GET_THING?toolkit_versions%5Bvend%5D=1"), 404, "Tool_ToolNotFound")
        self.refused(run(user_id="ada", text="in words", arguments={}), 400, "HTTP_BadRequest")
        self.refused(v3("POST", "/tools/execute/NO_SUCH", {}), 404, "Tool_ToolNotFound", 2301)

    def test_a_refusal_of_the_vendor_is_told_with_200(self):  # V3-9
        own = {"base_url": W.up.url + "/status/418", "parameters": []}
        out = good("POST", "/tools/execute/VEND_LIST_THINGS", {"custom_auth_params": own})
        self.assertIs(out["successful"], False)
        self.assertIn("418", out["error"])
        self.assertEqual(out["data"], {"told": "status"})

    def test_credentials_of_one_call_go_alone(self):  # V3-10
        once = {"authScheme": "API_KEY", "toolkitSlug": "vend", "val": {"generic_api_key": "vk_once_0123456789ab"}}
        body = {"user_id": "ada", "connected_account_id": W.ca, "custom_connection_data": once}
        out = good("POST", "/tools/execute/VEND_LIST_THINGS", body)
        self.assertNotIn("connected_account_id", out)
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_once_0123456789ab")
        own = {"parameters": [{"in": "header", "name": "X-Vend-Key", "value": "vk_own_0123456789ab"}]}
        good("POST", "/tools/execute/VEND_LIST_THINGS", {"user_id": "ada", "custom_auth_params": own})
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_own_0123456789ab")
        once["toolkitSlug"] = "stripe"
        self.assertEqual(v3("POST", "/tools/execute/VEND_LIST_THINGS", body).status, 400)

    def test_the_proxy_hands_over_status_headers_and_body(self):  # V3-11
        def proxy(endpoint, method="GET", **more):
            return v3("POST", "/tools/execute/proxy", {"connected_account_id": W.ca, "endpoint": endpoint, "method": method, **more})

        parameters = [{"name": "x-extra", "type": "header", "value": "1"}, {"name": "q", "type": "query", "value": "a b"}]
        out = proxy("/things", "POST", parameters=parameters, body={"big": 9007199254740993}).json()
        method, path, headers, body = W.last_seen()
        self.assertEqual((out["status"], method, headers["x-extra"]), (200, "POST", "1"))
        self.assertIn("q=a%20b", path)
        self.assertIn(b"9007199254740993", body)
        self.assertEqual(proxy("/status/418").json()["status"], 418)
        self.assertEqual(proxy("/text").json()["data"], "just text")
        self.assertEqual(proxy("/list").json()["data"][0], 1)
        seen = len(W.other.seen)
        self.refused(proxy(W.other.url + "/x"), 400, "HTTP_BadRequest")
        self.assertEqual(len(W.other.seen), seen)
        self.refused(v3("POST", "/tools/execute/proxy", {"endpoint": "/x", "method": "GET"}), 400, "HTTP_BadRequest")

    def test_a_member_of_the_wrong_type_is_refused_and_not_overlooked(self):  # V3-14
        run = "/tools/execute/VEND_LIST_THINGS"
        for method, path, body in (
            ("POST", run, {"user_id": "ada", "custom_auth_params": {"base_url": 5}}),
            ("POST", run, {"user_id": "ada", "custom_auth_params": {"body": "x"}}),
            ("POST", run, {"user_id": "ada", "custom_auth_params": {"parameters": {}}}),
            ("POST", f"/connected_accounts/{W.ca}/refresh", {"validate_credentials": "true"}),
            ("POST", "/toolkits/multi", {"toolkits": ["vend"], "cursor": 1}),
            ("POST", "/toolkits/multi", {"toolkits": ["vend"], "limit": [1]}),
            ("POST", "/toolkits/multi", {"toolkits": ["vend", 1]}),
        ):
            with self.subTest(f"{path} {body}"):
                seen = len(W.up.seen)
                self.refused(v3(method, path, body), 400, "HTTP_BadRequest")
                self.assertEqual(len(W.up.seen), seen)

    def test_an_account_is_never_said_to_be_shared(self):  # V3-14
        one = account(W.ac, user="alone")
        for more in ({"account_type": "SHARED"}, {"account_type": 1}, {"acl_config_for_shared": {"allow_all_users": True}}):
            body = wish(W.ac, user="alone")
            body["connection"]["experimental"] = more
            self.refused(v3("POST", "/connected_accounts", body), 400, "HTTP_BadRequest")
            self.refused(v3("PATCH", "/connected_accounts/" + one, {"experimental": more}), 400, "HTTP_BadRequest")
        self.assertEqual(ids("user_ids=alone"), [one])
        good("PATCH", "/connected_accounts/" + one, {"experimental": {"account_type": "PRIVATE", "acl_config_for_shared": None}})

    def test_what_is_not_spoken_is_a_404_of_this_api(self):  # V3-12
        for method, path in (("POST", "/connected_accounts/complete_auth"), ("GET", "/triggers_types"), ("POST", "/tool_router/session")):
            reply = v3(method, path, {} if method == "POST" else None)
            self.assertEqual((reply.status, reply.json()["error"]["status"]), (404, 404), reply)
        reply = v3("GET", "/toolkits", key="ak_wrong")
        self.refused(reply, 401, "HTTP_Unauthorized", 10401)


if __name__ == "__main__":
    unittest.main()
