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

from benchmarks.ledger_year import a_years_certificate
from tamna.errors import LedgerError
from tamna.ledger.canonical import parse
from tamna.ledger.certificate import controller_document
from tamna.ledger.multibase import from_multikey
from tamna.ledger.proof import check_proof


def main(folder: Path):
    auditors, shelf, trust = a_years_certificate()
    for what, raw in (("auditor's certificate", auditors), ("shelf certificate", shelf)):
        print(what)
        exchanged(folder, raw, trust)


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
    print(f"  theirs on ours: {theirs['ours']}; on ours with one hour changed: {theirs['changed']}")
    check_proof(theirs["signed"], from_multikey(theirs["key"]))
    print("  ours on theirs: True")
    theirs["signed"]["credentialSubject"]["hours"]["estimated"][0] ^= 1
    try:
        check_proof(theirs["signed"], from_multikey(theirs["key"]))
    except LedgerError as error:
        print(f"  ours on theirs with one hour changed: {error}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
