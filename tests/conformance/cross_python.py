"""tests/conformance/cross_python.py: the same as cross_python_old.py with Python composio (v3)."""

import json
import sys
import warnings

warnings.simplefilter("ignore")
from composio import Composio  # noqa: E402
from composio.core.models.connected_accounts import auth_scheme  # noqa: E402


def echo(sdk, word, user, **whose):
    done = sdk.tools.execute("DEMO_ECHO", {"message": word}, user_id=user, dangerously_skip_version_check=True, **whose)
    return done["data"] if done["successful"] else done


def main(verb, user, *rest):
    sdk = Composio(allow_tracking="--tracking" in rest)
    if verb == "make":
        options = {"type": "use_custom_auth", "auth_scheme": "API_KEY", "credentials": {}}
        config = sdk.auth_configs.create("demo", options)
        made = sdk.connected_accounts.initiate(user, config.id, config=auth_scheme.api_key({"api_key": "demo_0123456789abcdef"}))
        return {"id": made.id, "status": made.status}
    account = sdk.connected_accounts.get(rest[0])
    return {
        "status": account.status, "user": account.user_id, "app": account.toolkit.slug,
        "by_id": echo(sdk, rest[1], user, connected_account_id=rest[0]), "by_user": echo(sdk, rest[1], user),
    }  # fmt: skip


print("RESULT " + json.dumps(main(*sys.argv[1:])))
