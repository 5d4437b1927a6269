"""tests/conformance/cross_python_old.py: one user's account with Python composio-core. `make USER` connects and prints the
id; `use USER ID WORD` reads that account and echoes WORD with it, by id and by user. Called by cross.py."""

import json
import sys
import warnings

warnings.simplefilter("ignore")
from composio_openai import ComposioToolSet  # noqa: E402


def echo(toolset, word, **whose):
    done = toolset.execute_action(action="DEMO_ECHO", params={"message": word}, **whose)
    return done["data"] if done["successful"] else done


def main(verb, user, *rest):
    toolset = ComposioToolSet(entity_id=user)
    if verb == "make":
        made = toolset.initiate_connection(
            app="DEMO", entity_id=user, auth_scheme="API_KEY", connected_account_params={"api_key": "demo_0123456789abcdef"}
        )
        return {"id": made.connectedAccountId, "status": made.connectionStatus}
    account = toolset.get_connected_account(rest[0])
    return {
        "status": account.status, "user": account.clientUniqueUserId, "app": account.appUniqueId,
        "by_id": echo(toolset, rest[1], connected_account_id=rest[0]), "by_user": echo(toolset, rest[1], entity_id=user),
    }  # fmt: skip


print("RESULT " + json.dumps(main(*sys.argv[1:])))
