"""An independent implementation checks our certificate, and ours checks theirs. Needs node and npm.

    mkdir FOLDER; cd FOLDER; npm install @digitalbazaar/eddsa-jcs-2022-cryptosuite @digitalbazaar/data-integrity \
        @digitalbazaar/ed25519-multikey jsonld-signatures
    python -m benchmarks.ledger_interop FOLDER
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.ledger_year import a_years_certificate
from tamna.errors import LedgerError
from tamna.ledger.canonical import canonical, parse
from tamna.ledger.certificate import controller_document, method_name, status_credential
from tamna.ledger.keys import SigningKey
from tamna.ledger.multibase import from_multikey, multikey
from tamna.ledger.proof import check_proof
from tamna.ledger.statuslist import StatusList


def main(folder: Path):
    auditors, shelf, trust = a_years_certificate()
    for what, raw in (("auditor's certificate", auditors), ("shelf certificate", shelf)):
        print(what)
        exchanged(folder, raw, trust)
    print("status list with validUntil")
    exchanged(folder, *a_status_list())


def a_status_list():
    key, issuer, at = (
        SigningKey.generate(),
        "did:web:issuer.example",
        np.datetime64("2024-02-01T00:00:00", "s"),
    )
    until = at + np.timedelta64(7, "D")
    listed = status_credential(
        StatusList.empty().with_set(7), "urn:tamna:status:1", key=key, issuer=issuer, at=at, until=until
    )
    keys = [{"id": method_name(issuer, key.public), "publicKeyMultibase": multikey(key.public)}]
    return canonical(listed), {"issuer": issuer, "keys": keys}


def exchanged(folder: Path, raw: bytes, trust):
    key = trust["keys"][0]
    facts = {
        "document": parse(raw),
        "controller": controller_document(trust["issuer"], from_multikey(key["publicKeyMultibase"])),
    }
    (folder / "ours.json").write_text(json.dumps(facts))
    script = folder / "check.mjs"
    shutil.copy(Path(__file__).with_suffix(".mjs"), script)
    subprocess.run(["node", script.name], cwd=folder, check=True)
    theirs = json.loads((folder / "theirs.json").read_text())
    print(f"  theirs on ours: {theirs['ours']}; on ours with one thing changed: {theirs['changed']}")
    check_proof(theirs["signed"], from_multikey(theirs["key"]))
    print("  ours on theirs: True")
    hours = theirs["signed"]["credentialSubject"].get("hours")
    if hours is None:
        theirs["signed"]["validUntil"] = "2999-01-01T00:00:00Z"
    else:
        hours["estimated"][0] ^= 1
    try:
        check_proof(theirs["signed"], from_multikey(theirs["key"]))
    except LedgerError as error:
        print(f"  ours on theirs with one thing changed: {error}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
