"""Conformance: connected_accounts.link of the unmodified Python SDK (composio 0.29), then what its user does in a browser.
Environment: COMPOSIO_BASE_URL, COMPOSIO_API_KEY; the server has the ghost of the app `demo`."""

import os
import re
import threading
import urllib.error
import urllib.parse
import urllib.request

from composio import Composio, exceptions

SECRET = "demo_0123456789abcdef"
passed = failed = 0


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(("ok   " if ok else "FAIL ") + name + ("" if ok else f" -- {str(detail)[:400]}"))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def browse(url, fields=None):
    """(status, where to, text); with fields: the form of that page, filled in."""
    opener = urllib.request.build_opener(NoRedirect)
    try:
        body = urllib.parse.urlencode(fields).encode() if fields else None
        with opener.open(urllib.request.Request(url, body), timeout=10) as reply:
            return reply.status, None, reply.read().decode()
    except urllib.error.HTTPError as reply:
        return reply.status, reply.headers.get("location"), reply.read().decode()


def submit(url, key):
    csrf = re.search('name="csrf" value="([0-9a-f]+)"', browse(url)[2]).group(1)
    return browse(url, {"csrf": csrf, "f.api_key": key})


def main():
    sdk = Composio(base_url=os.environ["COMPOSIO_BASE_URL"], api_key=os.environ["COMPOSIO_API_KEY"])
    config = sdk.auth_configs.create("demo", {"type": "use_custom_auth", "auth_scheme": "API_KEY", "credentials": {}})
    user = "links-python"
    request = sdk.connected_accounts.link(user, config.id, callback_url="https://app.example.com/done", alias="mine")
    check("link gives an address and an account that waits", request.redirect_url and request.status == "INITIATED", request)
    check("the account is INITIATED", sdk.connected_accounts.get(request.id).status == "INITIATED")
    try:
        sdk.tools.execute("DEMO_ECHO", {"message": "m"}, user_id=user, connected_account_id=request.id, version="20260101_00")
        check("an account that waits does not act", False)
    except Exception as error:  # noqa: BLE001: which class it is, is the SDK's business
        check("an account that waits does not act", "INITIATED" in str(error), error)

    got = {}
    waiting = threading.Thread(target=lambda: got.update(account=request.wait_for_connection(timeout=30)))
    waiting.start()
    status, _, text = submit(request.redirect_url, "demo_wrong_0123456789")
    check("a wrong key shows the form again", status == 400 and "did not accept this key" in text, status)
    status, where, _ = submit(request.redirect_url, SECRET)
    want = f"https://app.example.com/done?status=success&connected_account_id={request.id}"
    check("a good key leads to the callback", (status, where) == (303, want), (status, where))
    waiting.join(40)
    check("wait_for_connection ends ACTIVE", got.get("account") and got["account"].status == "ACTIVE", got)
    answer = sdk.tools.execute("DEMO_ECHO", {"message": "hello"}, user_id=user, version="20260101_00")
    check("the account acts", answer["successful"], answer)
    try:
        sdk.connected_accounts.link(user, config.id)
        check("a second link needs allow_multiple", False)
    except exceptions.ComposioMultipleConnectedAccountsError:
        check("a second link needs allow_multiple", True)
    check("with it there is one", sdk.connected_accounts.link(user, config.id, allow_multiple=True).redirect_url)
    check("the used link is dead", browse(request.redirect_url)[0] == 404)
    print(f"{passed} passed, {failed} failed")
    raise SystemExit(1 if failed else 0)


main()
