from composio import Composio
from composio.core.models.connected_accounts import auth_scheme
from composio_openai import OpenAIProvider

import json

# An agent's first tool call with a user's own API key, with Composio's own Python SDK of today (composio, composio-openai).
#   eval "$(keysteward env --sdk python)"      sets COMPOSIO_BASE_URL and COMPOSIO_API_KEY
# The app is `demo`, which is part of Keysteward: it answers without a network. Put the slug of another one in its place.

composio = Composio(provider=OpenAIProvider(), allow_tracking=False)
user_id = "user_42"  # your name for your user

# 1. Which values must the user give?
fields = composio.toolkits.get_connected_account_initiation_fields("demo", "API_KEY", required_only=True)
print("Ask the user for:", [field.name for field in fields])

# 2. Set up the app once, for all users; keep the id.
auth_config = composio.auth_configs.create("demo", {"type": "use_custom_auth", "auth_scheme": "API_KEY", "credentials": {}})

# 3. Connect the user: the key is checked with the vendor, sealed, and ACTIVE at once. Here it is made up.
request = composio.connected_accounts.initiate(
    user_id, auth_config.id, config=auth_scheme.api_key({"api_key": "demo_0123456789abcdef"})
)
account = request.wait_for_connection(timeout=10)
print("Status:", account.status)

# 4. Tools for the model. A real program passes them to OpenAI().chat.completions.create(tools=tools, ...).
tools = composio.tools.get(user_id, toolkits=["demo"])
print("Tools:", [tool["function"]["name"] for tool in tools])

# 5. What the model asks for is carried out with the user's key; neither you nor the model see it. A real program hands the
#    model's whole answer to composio.provider.handle_tool_calls(user_id, response); here is one call by hand.
result = composio.tools.execute(
    "DEMO_ECHO", {"message": "hello"}, user_id=user_id, dangerously_skip_version_check=True
)
print("Answer:", result["successful"], json.dumps(result["data"]))
