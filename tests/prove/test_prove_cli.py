"""``tamna prove`` as a person uses it, on the made-up typical year: certificates that `verify` accepts, twice the same."""

import json
from pathlib import Path

import numpy as np
import pytest

from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.grid.product import load_product, with_papers
from tamna.ledger.verify.files import verified
from tamna.registry.reading import Stored
from tamna.runs import open_store
from tamna.runs.papers import read_papers
from tamna.runs.proving import prove
from tamna.serve.cli.app import run
from tamna.sources.synthetic import typical_year


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("proved") / "store"
    open_store(place, load_island("typical-jeju")).ingest([typical_year(seed=0, year=2023)])
    return place


@pytest.fixture
def ask(store, tmp_path, capsys):
    def asked(*words, code=0, product="citrus"):
        given = ["prove", "typical-jeju", "--product", product, "--from", "2023-04-01", "--to", "2023-04-30"]
        given += [
            "--store",
            str(store),
            "--ledger",
            f"sqlite:///{tmp_path / 'book.db'}",
            "--keys",
            str(tmp_path / "keys"),
        ]
        out = tmp_path / ("out" if product == "citrus" else f"out-{Path(product).stem}")
        assert run([*given, "--out", str(out), *words]) == code
        return capsys.readouterr()

    return asked


def verdict(capsys, file, *words):
    code = run(["verify", str(file), "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_a_product_gets_certificates_that_anyone_can_check(ask, tmp_path, capsys):
    body = json.loads(ask("--json").out)
    assert (body["command"], body["product"], len(body["lots"]), body["valid"]) == ("prove", "citrus", 1, 1)
    assert 0 < body["share_claimable"] < body["share_physical"] < 1
    out = tmp_path / "out"
    file = out / "shelf" / "citrus-2023-04-01.json"
    trusted = verdict(capsys, file, "--trust", str(out / "issuer.json"), "--status", str(out / "status.json"))
    assert trusted[0] == 0
    code, found = verdict(capsys, file)
    assert (code, found["answer"]) == (1, "intact, issuer unknown")
    page = (out / "shelf" / "citrus-2023-04-01.ko.html").read_text("utf-8")
    assert "감귤" in page
    assert json.loads((out / "proof.json").read_text("utf-8"))["score"] == body["score"]
    assert (
        run(["ledger", "audit", "--ledger", f"sqlite:///{tmp_path / 'book.db'}"]) == 1
    )  # whole; nobody said whom to trust
    capsys.readouterr()


def test_the_list_of_what_was_taken_back_stands_for_days_and_is_signed_anew(
    ask, tmp_path, capsys, monkeypatch
):
    ask("--json")
    out = tmp_path / "out"
    first = json.loads((out / "status.json").read_bytes())
    assert span_of(first) == np.timedelta64(7, "D")
    monkeypatch.setenv("TAMNA_STATUS_DAYS", "2")
    book = ["--ledger", f"sqlite:///{tmp_path / 'book.db'}", "--keys", str(tmp_path / "keys")]
    assert run(["ledger", "status-list", *book, "--out", str(tmp_path / "fresh.json")]) == 0
    fresh = json.loads((tmp_path / "fresh.json").read_bytes())
    assert span_of(fresh) == np.timedelta64(2, "D")
    assert fresh["credentialSubject"] == first["credentialSubject"]
    file = out / "shelf" / "citrus-2023-04-01.json"
    given = ("--trust", str(out / "issuer.json"), "--status", str(tmp_path / "fresh.json"))
    assert verdict(capsys, file, *given)[0] == 0
    after = np.datetime64(fresh["validUntil"][:-1], "s")
    late = verified(file, trust=out / "issuer.json", status=tmp_path / "fresh.json", now=after)
    assert (late.report.answer, late.report.exit_code) == ("intact, status unknown", 1)
    assert '"status": null' not in (out / "shelf" / "citrus-2023-04-01.en.html").read_text("utf-8")
    monkeypatch.setenv("TAMNA_STATUS_DAYS", "0")
    assert run(["ledger", "status-list", *book]) == 2
    assert "whole number of days" in capsys.readouterr().err
    entries = standing_size(tmp_path, capsys)
    assert "whole number of days" in ask(product="eggs", code=2).err
    assert standing_size(tmp_path, capsys) == entries  # refused before the book was written


def standing_size(folder, capsys):
    capsys.readouterr()
    assert run(["ledger", "show", "--ledger", f"sqlite:///{folder / 'book.db'}", "--json"]) == 0
    return json.loads(capsys.readouterr().out)["entries"]


def span_of(listed):
    return np.diff([np.datetime64(listed[k][:-1], "s") for k in ("validFrom", "validUntil")])[0]


def test_certificates_read_the_entries_that_they_show_and_no_others(ask, tmp_path, monkeypatch):
    ask()
    read = []
    event = Stored.event
    monkeypatch.setattr(Stored, "event", lambda one: read.append(one.seq) or event(one))
    body = json.loads(ask("--json").out)
    assert set(read) == {lot["entry"] for lot in body["lots"]}  # the rest came out of the snapshot


def test_asked_again_the_book_stays_and_a_second_product_joins_it(ask, tmp_path, capsys):
    first = json.loads(ask("--json").out)
    again = json.loads(ask("--json").out)
    assert [lot["entry"] for lot in again["lots"]] == [lot["entry"] for lot in first["lots"]]
    second = json.loads(ask("--json", product="eggs").out)
    assert second["lots"][0]["entry"] > first["lots"][-1]["entry"]
    assert second["valid"] == 30


def test_a_batch_of_hydrogen_gets_a_certificate_like_a_lot(ask, tmp_path, capsys):
    papers = tmp_path / "papers.csv"
    papers.write_text(
        "number,scheme,first,last,volume_mwh,plant\nPPA-9,ppa,2023-01-01,2023-12-31,,wind\n", encoding="utf-8"
    )
    body = json.loads(ask("--papers", str(papers), "--json", product="haengwon").out)
    assert body["valid"] == 31  # thirty days and the month's batch
    (batch,) = body["batches"]
    assert (batch["name"], batch["check"]) == ("haengwon-2023-04-01", "valid")
    out = tmp_path / "out-haengwon"
    audit, shelf = (out / where / "haengwon-2023-04-01.batch.json" for where in ("audit", "shelf"))
    given = ("--trust", str(out / "issuer.json"), "--status", str(out / "status.json"))
    code, found = verdict(capsys, audit, *given)
    assert (code, found["batch"]) == (0, "haengwon-2023-04-01")
    (told,) = body["hydrogen"]["batches"]
    for name, rule in (("claimed", "korea"), ("eu_hour", "eu_hour"), ("eu_month", "eu_month")):
        said = found["hydrogen"][name]
        assert said["renewable"] == told[rule]["renewable_wh"] > 0
        assert said["g_per_kg"] == pytest.approx([1000 * kg for kg in told[rule]["kg_co2e_per_kg"]], abs=1)
        assert said["tier"] == [number or 0 for number in told[rule]["korean_tier"]]
    code, found = verdict(capsys, shelf, *given, "--opening", str(audit))
    assert (code, {c["name"]: c["answer"] for c in found["checks"]}["opening"]) == (0, "valid")
    assert found["hydrogen"]["claimed"]["g_per_kg"] >= [1000 * kg for kg in told["korea"]["kg_co2e_per_kg"]]
    page = (out / "shelf" / "haengwon-2023-04-01.batch.ko.html").read_text("utf-8")
    assert "행원 그린수소" in page
    assert "국내 등급" in page


def test_papers_show_the_gap_and_a_paper_serves_once(ask, tmp_path):
    papers = tmp_path / "papers.csv"
    papers.write_text(
        "number,scheme,first,last,volume_mwh,plant\nGP-1,green_premium,2023-01-01,2023-12-31,300,\n",
        encoding="utf-8",
    )
    body = json.loads(ask("--papers", str(papers), "--json", product="eggs").out)
    assert (body["share_claimable"], body["share_annual"], body["gap"]) == (0.0, 1.0, 1.0)
    text = ask("--papers", str(papers), product="eggs").out
    assert "100.0  percentage points between paper and hours" in text
    said = ask("--papers", str(papers), product="citrus", code=2)
    assert "cannot serve twice" in said.err


def test_the_private_key_is_in_no_file_but_its_own(ask, tmp_path):
    ask()
    [key] = (tmp_path / "keys").glob("*.pem")
    secret = "".join(key.read_text().splitlines()[1:-1])
    others = [p for p in tmp_path.rglob("*") if p.is_file() and p != key]
    assert len(others) > 5
    assert not [p for p in others if secret.encode() in p.read_bytes()]
    assert key.stat().st_mode & 0o077 == 0


def test_what_cannot_be_proved_leaves_nothing_behind(ask, tmp_path):
    said = ask(product="milk", code=2)
    assert "profile" in said.err
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def real(shared_data, tmp_path_factory):
    place = tmp_path_factory.mktemp("real") / "store"
    files = [shared_data / "bdew", *sorted(shared_data.glob("kpx*"))]
    assert run(["ingest", *map(str, files), "--store", str(place)]) in {0, 2}
    return place


@pytest.mark.data
def test_eggs_and_milk_of_2023_with_green_premium_for_all_of_it_may_claim_no_hour(real, tmp_path):
    island, papers = load_island("jeju"), tmp_path / "papers.csv"
    year = parse_period("2023-01-01", "2023-12-31", island.timezone)
    for name, mwh in (("eggs", 300), ("milk", 1200)):
        line = f"GP-{name},green_premium,2023-01-01,2023-12-31,{mwh},"
        papers.write_text(f"number,scheme,first,last,volume_mwh,plant\n{line}\n", encoding="utf-8")
        product = load_product(name)
        product = with_papers(product, read_papers(papers, product))
        found = prove(
            open_store(real, island), island, product, year, at=np.datetime64("2024-02-01T00:00:00", "s")
        )
        assert found.score.load_wh == pytest.approx(mwh * 10**6, rel=1e-4)
        assert (found.share_annual, found.score.share_claimable) == (1.0, 0.0)
        assert 0.15 < found.score.share_physical < 0.20
        assert list(found.state.confirmations) == [f"GP-{name}"]


@pytest.mark.data
def test_eggs_and_milk_over_2023_on_real_wind_sun_and_demand(real, tmp_path, capsys):
    store = real
    capsys.readouterr()
    found = {}
    for product in ("eggs", "milk"):
        words = [
            "prove",
            "jeju",
            "--product",
            product,
            "--from",
            "2023-01-01",
            "--to",
            "2023-12-31",
            "--json",
        ]
        words += [
            "--store",
            str(store),
            "--ledger",
            f"sqlite:///{tmp_path / 'b.db'}",
            "--keys",
            str(tmp_path / "k"),
        ]
        assert run([*words, "--out", str(tmp_path / product), "--pages", "0"]) == 0
        found[product] = json.loads(capsys.readouterr().out)
    for body in found.values():
        assert (body["share_claimable"], body["share_annual"], len(body["lots"]), body["valid"]) == (
            0,
            0,
            365,
            365,
        )
        assert body["score"]["hours"] == 8760
    assert found["eggs"]["share_physical"] == pytest.approx(0.178, abs=0.01)
    assert found["milk"]["share_physical"] == pytest.approx(0.173, abs=0.01)
    assert Path(tmp_path / "eggs" / "hours.parquet").stat().st_size > 10_000


def test_a_folder_and_a_plant_of_the_book_are_not_taken_over(ask, tmp_path, store, capsys):
    ask()
    said = ask("--out", str(tmp_path / "out"), product="eggs", code=2)
    assert "certificates of another product" in said.err
    ware = tmp_path / "citrus.yaml"
    packaged = (Path(__file__).parents[2] / "src/tamna/grid/products/citrus.yaml").read_text("utf-8")
    ware.write_text(packaged.replace("value: 44", "value: 45"), encoding="utf-8")
    said = ask("--out", str(tmp_path / "out"), product=str(ware), code=2)
    assert "with another capacity" in said.err
