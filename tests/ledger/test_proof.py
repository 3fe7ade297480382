import copy
from hashlib import sha256

import pytest

from tamna.errors import LedgerError
from tamna.ledger.canonical import canonical
from tamna.ledger.keys import SigningKey
from tamna.ledger.multibase import from_base58, from_multikey
from tamna.ledger.proof import check_proof, method_of, signed, signed_bytes

# W3C, Data Integrity EdDSA Cryptosuites v1.0, appendix B.3 (eddsa-jcs-2022)
CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
DOCUMENT = {
    "@context": CONTEXT,
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
CONFIG = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "created": "2023-02-24T23:36:38Z",
    "verificationMethod": f"did:key:{PUBLIC}#{PUBLIC}",
    "proofPurpose": "assertionMethod",
    "@context": CONTEXT,
}
VALUE = "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
SIGNED = {**DOCUMENT, "proof": {**CONFIG, "proofValue": VALUE}}
SEED = from_base58("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq")[2:]


def test_the_document_and_the_proof_hash_as_published():
    assert sha256(canonical(DOCUMENT)).hexdigest() == (
        "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19"
    )
    assert sha256(canonical(CONFIG)).hexdigest() == (
        "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db"
    )
    assert signed_bytes(DOCUMENT, CONFIG).hex().startswith("66ab154f")


def test_the_published_signature_is_valid():
    check_proof(SIGNED, from_multikey(PUBLIC))
    assert method_of(SIGNED) == f"did:key:{PUBLIC}#{PUBLIC}"


def test_the_published_key_gives_the_published_signature():
    key = SigningKey.from_seed(SEED)
    made = signed(DOCUMENT, key, method=CONFIG["verificationMethod"], created=CONFIG["created"])
    assert made == SIGNED
    assert "proof" not in DOCUMENT


def changed(**parts):
    document = copy.deepcopy(SIGNED)
    document["proof"].update(parts)
    return {**document, "proof": {k: v for k, v in document["proof"].items() if v is not None}}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({**SIGNED, "name": "Another"}, "does not fit"),
        ({**SIGNED, "extra": 1}, "does not fit"),
        (DOCUMENT, "no proof"),
        ({**SIGNED, "@context": CONTEXT[:1]}, "another @context"),
        (changed(proofPurpose="authentication"), "proofPurpose must be"),
        (changed(cryptosuite="eddsa-rdfc-2022"), "cryptosuite must be"),
        (changed(created="2023-02-24T23:36:39Z"), "does not fit"),
        (changed(created="yesterday"), "when it was made"),
        (changed(verificationMethod=None), "does not name its key"),
        (changed(proofValue=None), "no value"),
        (changed(proofValue="zz"), "does not fit"),
        (changed(challenge="x"), "do not belong"),
    ],
)
def test_whatever_was_changed_is_refused_with_its_reason(document, reason):
    with pytest.raises(LedgerError, match=reason):
        check_proof(document, from_multikey(PUBLIC))


def test_another_key_does_not_fit():
    with pytest.raises(LedgerError, match="does not fit"):
        check_proof(SIGNED, SigningKey.generate().public)
