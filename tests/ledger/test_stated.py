"""A certificate states the policy of its claim, and no other."""

import copy

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, device, hours, right
from ledger.test_verify import ISSUER, KEY, LOT, trust
from ledger.two_zones import CABLE, sent
from tamna.ledger import links
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.canonical import canonical
from tamna.ledger.certificate import certificate, method_name
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.matching import Geography, Policy, claims_of, match
from tamna.ledger.nouns import Account, Attributes, Rules
from tamna.ledger.proof import signed
from tamna.ledger.shelf import salt, shelf_certificate
from tamna.ledger.state import State
from tamna.ledger.verify import Known, verify

SAID = {"export_rule": "thermal_first", "links": ["cable"]}
NOW = AT + np.timedelta64(10, "D")


def journal():
    """Two hours of eggs: 97 Wh over the cable, then evidence of the place."""
    events = [
        op.book(AT, Rules()),
        *(
            op.account(AT, Account(name=n, zone=z))
            for n, z in (("wind", "jeju"), ("eggs", "jeju"), ("busan", "mainland"))
        ),
        links.link(AT, CABLE),
        op.device(AT, device("mill", "busan", zone="mainland")),
        op.device(AT, device("rps", "wind", attributes=Attributes.ELSEWHERE)),
        op.right(AT, right("PPA-far", devices=("mill",))),
        op.issue(AT, "mill", op.readings(hours(2), np.array([100, 0]))),
        op.issue(AT, "rps", op.readings(hours(2), np.array([10, 10]))),
        op.consume(AT, "eggs", op.readings(hours(2), np.array([20_000, 20_000]))),
        sent([100, 100]),
    ]
    found = match(
        record(State(), *events), AT, DAY, DAY + 2 * HOUR, Policy(geography=Geography.LINK, location=True)
    )
    claims = claims_of(found.state, AT, DAY, DAY + 2 * HOUR, salts=lambda name: salt(KEY, name))
    return Journal((*events, *found.entries, *claims))


def both():
    book = journal()
    tree = book.tree()
    point = checkpoint(tree, KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT)
    facts = {"tree": tree, "checkpoint": point, "zone": "jeju", "key": KEY, "issuer": ISSUER, "at": AT}
    index = len(book.entries) - 1
    return certificate(book.entries, index, **facts), shelf_certificate(book.entries, index, LOT, **facts)


def test_both_certificates_state_the_export_rule_and_the_links():
    mine, shelf = both()
    assert mine["credentialSubject"]["stated"] == shelf["credentialSubject"]["stated"] == SAID
    assert verify(canonical(mine), Known(now=NOW, trust=trust())).answer == "valid"
    assert verify(canonical(shelf), Known(now=NOW, trust=trust(), opening=canonical(mine))).answer == "valid"


def signed_again(document, said):
    """The dishonest issuer's: another policy, under its own key."""
    other = copy.deepcopy(document)
    del other["proof"]
    if said is None:
        del other["credentialSubject"]["stated"]
    else:
        other["credentialSubject"]["stated"] = said
    return signed(other, KEY, method=method_name(ISSUER, KEY.public), created=document["proof"]["created"])


@pytest.mark.parametrize("said", [None, {"export_rule": "coverage"}, {"links": ["cable"]}])
def test_another_policy_than_the_entrys_is_refused_even_when_the_issuer_signs_it(said):
    mine, shelf = both()
    found = verify(canonical(signed_again(mine, said)), Known(now=NOW, trust=trust()))
    assert found.answer == "invalid"
    assert any("speaks of another claim" in str(c.reason) for c in found.checks)
    found = verify(
        canonical(signed_again(shelf, said)), Known(now=NOW, trust=trust(), opening=canonical(mine))
    )
    assert found.answer == "invalid"
    assert any("states another policy" in str(c.reason) for c in found.checks)


@pytest.mark.parametrize("said", [{}, [], "coverage", {"rule": "x"}, {"links": "cable"}, {"export_rule": 1}])
def test_a_policy_of_another_form_is_no_certificate(said):
    for document in both():
        found = verify(canonical(signed_again(document, said)), Known(now=NOW, trust=trust()))
        assert found.answer == "invalid"
