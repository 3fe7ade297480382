"""The requests of `ledger.test_links_any_order`, through a database: the same answers, and nothing lost."""

import os
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from ledger.test_links_any_order import Linked
from registry.test_registry_any_order import KeptBook, prepared


class KeptLinked(KeptBook, Linked):
    """A book with a link and a balance, in a database."""

    steps = 0
    accepted = Counter()
    registry = None


@pytest.mark.slow
def test_requests_about_links_through_a_database_keep_every_invariant(ledger_address):
    wanted = int(os.environ.get("TAMNA_LEDGER_KEPT_STEPS", "300"))
    KeptLinked.registry, KeptLinked.steps, KeptLinked.accepted = prepared(ledger_address), 0, Counter()
    while KeptLinked.steps < wanted:
        run_state_machine_as_test(
            KeptLinked, settings=settings(max_examples=5, stateful_step_count=30, deadline=None)
        )
    assert {"flow", "balance"} <= set(KeptLinked.accepted)
    KeptLinked.registry.close()
