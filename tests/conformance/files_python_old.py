"""tests/conformance/files_python_old.py FILE ID: with Python composio-core, an action sends FILE and another gives a file.
Called by files.py."""

import json
import sys
import warnings

warnings.simplefilter("ignore")
from composio_openai import ComposioToolSet  # noqa: E402

file, id_ = sys.argv[1:]
toolset = ComposioToolSet(entity_id="user_1", output_in_file=False)
sent = toolset.execute_action(action="KEEPER_PUT_FILE", params={"file": file}, connected_account_id=id_)
given = toolset.execute_action(action="KEEPER_GET_FILE", params={"what": "bytes"}, connected_account_id=id_)
print("RESULT " + json.dumps({"sent": sent["successful"], "fetched": given["data"]["file"]}))
