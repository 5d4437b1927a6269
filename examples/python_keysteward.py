from keysteward import App, ComposioToolSet

import os

# The four steps for apps that take a token or an API key, with Composio's own Python SDK (composio-openai 0.7.20).
#   INTEGRATION_ID      an integration of shopify with the scheme API_KEY
#   COMPOSIO_BASE_URL   where Keysteward listens, with /api at the end; COMPOSIO_API_KEY a key of it
# Step 1 prints an error with this SDK whatever the server answers: no release of it returns the member
# "expectedInputFields". With the import line of python_keysteward.py the same program prints the fields.

toolset = ComposioToolSet()
integration_id = os.environ["INTEGRATION_ID"]
user_id = "user_shopify_456"
auth_scheme = "API_KEY"  # the scheme of the integration

# 1. Which values must the user give?
try:
    required_params = toolset.get_expected_params_for_user(
        app=App.SHOPIFY, auth_scheme=auth_scheme, integration_id=integration_id
    )
    names = [field["name"] for field in required_params["expectedInputFields"]]
    print(f"Fields of {App.SHOPIFY.value} ({auth_scheme}): {names}")
except Exception as e:
    print(f"Error fetching required params: {e}")

# 2. Ask the user for them: a masked input of yours, over HTTPS. Here the key is made up.
api_key = os.environ.get("SHOPIFY_API_KEY", "sk_live_0123456789")

# 3. Connect.
connection_request = toolset.initiate_connection(
    integration_id=integration_id,
    entity_id=user_id,
    auth_scheme=auth_scheme,
    connected_account_params={"api_key": api_key},
)
print("Answer:", connection_request)

# 4. No redirect: it is active at once, and can be used by the user's id from now on.
print("Status:", connection_request.connectionStatus)
account = toolset.get_connected_account(connection_request.connectedAccountId)
print(f"Account {account.id} is {account.status}")
entity = toolset.get_entity(id=user_id)
print("Connections of the user:", len(entity.get_connections()))
