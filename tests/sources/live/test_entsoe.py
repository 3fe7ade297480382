"""ENTSO-E: starts and positions, repeats left out, quarter hours, zips, and acknowledgements."""

import numpy as np
import pytest

import fake_answers as fake
from live_tools import answer, block_of, stamp
from tamna.errors import FetchError, KeyRefused, QuotaReached, SourceError
from tamna.sources.live.entsoe import judge, read_generation, read_load, read_prices

POINTS = [(i, 100 + i) for i in range(1, 25)]


def _load(body):
    return read_load([answer(body, content_type="text/xml")], area="ireland")


def test_positions_count_from_the_start_of_the_period():
    load = block_of(_load(fake.market(POINTS)), "entsoe/ireland/load")
    assert (load.valid_at[0], load.value[0], len(load)) == (stamp("2026-06-01T00:00:00"), 101, 24)
    assert (load.unit, load.resolution_s) == ("MW", 3600)


def test_repeats_that_a03_leaves_out_are_held_to_the_end():
    load = block_of(_load(fake.market([(1, 10), (5, 20)], curve="A03")), "entsoe/ireland/load")
    assert load.value.tolist() == [10] * 4 + [20] * 20


@pytest.mark.parametrize("curve", ["A01", ""])
def test_absent_positions_of_other_curves_are_a_gap(curve):
    reading = _load(fake.market([(1, 10), (2, 11), (5, 20)], curve=curve))
    assert block_of(reading, "entsoe/ireland/load").value.tolist() == [10, 11, 20]
    (gap,) = reading.findings
    assert (gap.kind, gap.size) == ("gap", 2)


def test_a03_that_starts_late_does_not_reach_back():
    load = block_of(_load(fake.market([(3, 10)], curve="A03")), "entsoe/ireland/load")
    assert load.valid_at[0] == stamp("2026-06-01T02:00:00")


@pytest.mark.parametrize(("resolution", "seconds"), [("PT15M", 900), ("PT30M", 1800), ("PT60M", 3600)])
def test_resolutions(resolution, seconds):
    load = block_of(_load(fake.market([(1, 1), (2, 2)], resolution=resolution)), "entsoe/ireland/load")
    assert load.resolution_s == seconds
    assert load.valid_at[1] - load.valid_at[0] == np.timedelta64(seconds, "s")


def test_a_zip_of_documents_with_two_resolutions_becomes_two_blocks():
    first = fake.market(POINTS)
    second = fake.market(
        [(1, 5)], start="2026-06-02T00:00Z", end="2026-06-03T00:00Z", resolution="PT15M", curve="A03"
    )
    blocks = _load(fake.zipped(first, second)).blocks
    assert [(b.resolution_s, len(b)) for b in blocks] == [(3600, 24), (900, 96)]


def test_types_are_named_and_pumping_is_a_series_of_its_own():
    bodies = [
        fake.market([(1, 1)], psr="B16"),
        fake.market([(1, 2)], psr="B10", consumption=True),
        fake.market([(1, 3)], psr="B99"),
    ]
    reading = read_generation([answer(b) for b in bodies], area="ireland")
    assert {b.series.removeprefix("entsoe/ireland/generation/"): b.value[0] for b in reading.blocks} == {
        "pv": 1,
        "pumped_storage_consumption": 2,
        "type_b99": 3,
    }


def test_prices_carry_their_currency():
    body = fake.market([(1, "-5.20")], kind="price", curve="A03")
    price = block_of(read_prices([answer(body)], area="ireland"), "entsoe/ireland/price_da")
    assert (price.unit, price.value[0]) == ("EUR/MWh", -5.2)


def test_no_matching_data_is_an_answer():
    body = fake.acknowledgement("No matching data found for Data item Actual Total Load [6.1.A]")
    assert judge(answer(body)).error is None
    assert judge(answer(body, status=400)).error is None
    assert _load(body).blocks == ()


@pytest.mark.parametrize("text", ["The amount of requested data exceeds allowed limit", "Unauthorized", ""])
def test_other_acknowledgements_are_refusals(text):
    verdict = judge(answer(fake.acknowledgement(text)))
    assert isinstance(verdict.error, FetchError)
    assert not verdict.again
    with pytest.raises(FetchError):
        _load(fake.acknowledgement(text))


@pytest.mark.parametrize(
    ("status", "kind", "again"),
    [(401, KeyRefused, False), (429, QuotaReached, False), (503, FetchError, True)],
)
def test_statuses(status, kind, again):
    verdict = judge(answer(b"<html>no</html>", status=status))
    assert isinstance(verdict.error, kind)
    assert verdict.again is again


@pytest.mark.parametrize(
    "body",
    [
        fake.market([(25, 1)]),
        fake.market([(0, 1)]),
        fake.market([("x", 1)]),
        fake.market([(1, 1)], resolution="P1M"),
        fake.market([(1, 1)], end="2026-05-01T00:00Z"),
        fake.market([(1, 1)], start="yesterday"),
        fake.market([(1, 1)], unit="MWH"),
        b"<other/>",
        b"<html><body>x</body></html>",
        b"PK\x03\x04 broken",
        fake.zipped(),
        fake.market([(1, 1)] * 2, end="2070-06-01T00:00Z", resolution="PT15M") * 2,
    ],
)
def test_what_cannot_be_placed_is_refused(body):
    with pytest.raises(SourceError):
        _load(body)


def test_a_zip_that_unpacks_without_end_is_refused(monkeypatch):
    from tamna.sources.live import text

    monkeypatch.setattr(text, "_UNZIPPED", 10_000)
    with pytest.raises(SourceError, match="larger than the limit"):
        _load(fake.zipped(b" " * 20_000))


def test_values_without_end_are_refused():
    many = b"".join(
        fake.market([(1, 1)], curve="A03", resolution="PT15M", end="2090-01-01T00:00Z")
        .split(b"<TimeSeries>")[1]
        .split(b"</TimeSeries>")[0]
        .join([b"<TimeSeries>", b"</TimeSeries>"])
        for _ in range(3)
    )
    whole = fake.market([(1, 1)]).replace(b"</TimeSeries>", b"</TimeSeries>" + many)
    with pytest.raises(SourceError, match="larger than the limit"):
        _load(whole)
