"""tests/support/certificates.py: certificates of a CA made on the spot, with openssl(1). Standard library."""

import pathlib
import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def openssl(*argv):
    done = subprocess.run(["openssl", *argv], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"openssl {argv[0]}: {done.stderr[-1500:]}"


def certificate(folder, name, subject, *, san=None, by=None, days=2, run=openssl):
    """NAME.pem and NAME.key in `folder`, and their texts. `by`: the name of the CA that signs, none: signs itself and is one.
    `days` below 0: expired. `run`: how openssl is run."""
    key, pem, csr = (pathlib.Path(folder) / f"{name}.{end}" for end in ("key", "pem", "csr"))
    new = [*KEY, "-keyout", str(key), "-subj", f"/CN={subject}"]
    if by is None:
        run("req", "-x509", *new, "-out", str(pem), "-days", str(days))
    else:
        run("req", *new, "-out", str(csr))
        ext = pem.with_suffix(".ext")
        ext.write_text(f"subjectAltName={san}\n" if san else "basicConstraints=CA:FALSE\n")
        ca = pem.with_name(by)
        run("x509", "-req", "-in", str(csr), "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-days", str(days),
            "-extfile", str(ext), "-out", str(pem))  # fmt: skip
    key.chmod(0o600)
    return pem.read_text(), key.read_text()
