"""tests/conformance/files_python.py: the same as files_python_old.py with Python composio (v3)."""

import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")
from composio import Composio  # noqa: E402

file, id_ = sys.argv[1:]
folder = [str(pathlib.Path(file).parent)]
sdk = Composio(allow_tracking=False, dangerously_allow_auto_upload_download_files=True, file_upload_dirs=folder)
whose = {"user_id": "user_1", "connected_account_id": id_, "dangerously_skip_version_check": True}
sent = sdk.tools.execute("KEEPER_PUT_FILE", arguments={"file": file}, **whose)
given = sdk.tools.execute("KEEPER_GET_FILE", arguments={"what": "bytes"}, **whose)
print("RESULT " + json.dumps({"sent": sent["successful"], "fetched": given["data"]["file"]}))
