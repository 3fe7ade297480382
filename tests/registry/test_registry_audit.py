"""Whatever is done to the database behind the ledger's back, the audit refuses it and says why."""

import os
import random
import re

import pytest
from sqlalchemy import text

from ledger.island import AT
from registry.kept import TABLES, everything, founded, replaced, unguarded, unsynced
from tamna.errors import LedgerError, StoreError
from tamna.ledger import operations as op
from tamna.ledger.canonical import canonical, parse
from tamna.ledger.journal import checkpoint
from tamna.ledger.keys import SigningKey
from tamna.ledger.merkle import leaf_hash, tree_of
from tamna.registry import Registry, keyring, tables
from tamna.registry.audit import audit
from tamna.registry.packing import BEGIN, link, pack
from tamna.registry.signing import checkpoints, sign

REASON = {
    "ledger_entry": r"#\d+|entries are missing|more entries|not the one that was signed|does not end where",
    "ledger_checkpoint": r"checkpoint",
    "ledger_standing": r"another form|cut|more entries|does not end where|checkpoint is missing",
    "ledger_snapshot": r"snapshot",
}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys"


def test_a_sound_book_is_sound(ledger_address, folder):
    book = founded(ledger_address, folder)
    state = book.state()
    found = audit(book, trust=keyring.trust(state))
    assert (found.entries, found.signed, found.checkpoints) == (state.size, state.size - 1, 3)
    assert found.exit_code == 0
    assert audit(book).exit_code == 1, "intact, but nobody said whom to trust"
    assert found.root == book.tree().root.hex()


def edited(dice, rows, table):
    """Give the rows of one table after one random edit."""
    rows = [list(r) for r in rows]
    i = dice.randrange(len(rows))
    how = dice.choice(["flip", "flip", "flip", "insert", "drop", "swap", "copy", "delete", "double"])
    column = dice.randrange(len(rows[i]))
    if how == "delete":
        del rows[i]
    elif how == "double":
        again = list(rows[i])
        again[0] = f"{again[0]}x" if isinstance(again[0], str) else max(r[0] for r in rows) + 1
        rows.append(again)
    elif how in {"swap", "copy"} and len(rows) > 1:
        j = dice.choice([j for j in range(len(rows)) if j != i])
        if how == "swap":
            rows[i][column], rows[j][column] = rows[j][column], rows[i][column]
        elif column:
            rows[i][column] = rows[j][column]
    else:
        rows[i][column] = damaged(dice, rows[i][column], how)
    if table is tables.standing:  # one row by a check of the database itself
        rows = [[1, *r[1:]] for r in rows[:1]]
    return [tuple(r) for r in rows]


def damaged(dice, value, how):
    if isinstance(value, int):
        return max(0, value + dice.choice([-1, 1, 7, 2**20]))
    raw = bytearray(value.encode() if isinstance(value, str) else bytes(value))
    if not raw or how == "insert":
        raw.insert(dice.randrange(len(raw) + 1), dice.randrange(33, 126))
    elif how == "drop":
        del raw[dice.randrange(len(raw))]
    else:
        raw[dice.randrange(len(raw))] ^= (
            dice.randrange(1, 64) if isinstance(value, str) else dice.randrange(1, 256)
        )
    return raw.decode("latin-1").replace("\0", "0") if isinstance(value, str) else bytes(raw)


@pytest.mark.slow
def test_a_thousand_random_edits_are_refused_each_with_its_reason(ledger_address, folder):
    """On SQLite 1,000, on PostgreSQL 250 of them: bytes, numbers, rows swapped, doubled, taken away, in every table."""
    book = unsynced(founded(ledger_address, folder))
    trust, sound, dice = keyring.trust(book.state()), everything(book), random.Random(6)
    wanted = int(os.environ.get("TAMNA_LEDGER_EDITS", "1000" if "sqlite" in ledger_address else "250"))
    done, reasons = 0, set()
    while done < wanted:
        table = dice.choice(TABLES)
        rows = edited(dice, sound[table.name], table)
        if sorted(rows) == sorted(map(tuple, sound[table.name])) or len({r[0] for r in rows}) != len(rows):
            continue  # no edit, or one that the database itself refuses
        with unguarded(book) as to:
            replaced(to, table, rows)
        with pytest.raises(LedgerError) as refused:
            audit(book, trust=trust)
        said = str(refused.value)
        assert re.search(REASON[table.name], said), (table.name, said)
        reasons.add(re.sub(r"#?\d+|[0-9a-f]{16,}", "", said.splitlines()[0])[:60])
        with unguarded(book) as to:
            replaced(to, table, sound[table.name])
        done += 1
    assert len(reasons) > 15
    assert audit(book, trust=trust).trusted


def test_rows_that_say_the_same_in_other_bytes_are_a_change_all_the_same(ledger_address, folder):
    import zlib

    book = founded(ledger_address, folder)
    rows = [list(r) for r in everything(book)["ledger_entry"]]
    at = next(i for i, r in enumerate(rows) if r[2])
    rows[at][2] = zlib.compress(zlib.decompress(rows[at][2]), 9)
    with unguarded(book) as to:
        replaced(to, tables.entry, rows)
    with pytest.raises(LedgerError, match="altered, or stands in another's place"):
        audit(book)


def rewritten(book, change, *, cut=None):
    """Do what somebody does who knows the tables: change the journal and make chain and standing fit again."""
    rows, chain = everything(book)["ledger_entry"], BEGIN
    rows = [list(r) for r in rows][:cut]
    change(rows)
    for i, row in enumerate(rows):
        row[0] = i
        row[3] = chain = link(chain, leaf_hash(row[1]), row[2])
    signed = [size for size, _document in listed(book) if size <= len(rows)]
    with unguarded(book) as to:
        replaced(to, tables.entry, rows)
        replaced(to, tables.checkpoint, [c for c in listed(book, to) if c[0] <= len(rows)])
        replaced(to, tables.snapshot, [])
        replaced(to, tables.standing, [(1, tables.FORM, len(rows), chain, max(signed, default=0))])


def listed(book, here=None):
    if here is not None:
        return checkpoints(here)
    with book.reading() as own:
        return checkpoints(own)


def test_a_journal_that_was_reordered_with_its_chain_made_to_fit_is_not_the_one_that_was_signed(
    ledger_address, folder
):
    book = founded(ledger_address, folder)

    def swap(rows):
        rows[2], rows[3] = rows[3], rows[2]

    rewritten(book, swap)
    with pytest.raises(LedgerError, match="not the one that was signed"):
        audit(book)


def test_more_energy_written_into_a_reading_breaks_the_signature(ledger_address, folder):
    book = founded(ledger_address, folder)

    def more(rows):
        at = next(i for i, r in enumerate(rows) if b'"device":"roof"' in r[1])
        event = next(e for i, e in enumerate(entries(book)) if i == at)
        changed = event.rows.copy()
        changed["wh"][0] += 100
        forged = op.issue(event.at, "roof", changed)
        rows[at][1:3] = forged.leaf(), pack(changed.tobytes(), changed.itemsize)

    rewritten(book, more)
    with pytest.raises(LedgerError, match="not the one that was signed"):
        audit(book)
    fresh = Registry.open(book.url.render_as_string(hide_password=False))
    with pytest.raises(LedgerError, match="not the one that was signed"):
        sign(fresh, keyring.signing_key(fresh.state(), folder), AT)


def entries(book):
    from tamna.registry.reading import stored

    with book.reading() as here:
        return [one.event() for one in stored(here)]


def test_a_cut_journal_with_all_that_speaks_of_its_end_is_shown_by_a_kept_checkpoint(ledger_address, folder):
    book = founded(ledger_address, folder)
    trust, (_founded, first, last) = keyring.trust(book.state()), [parse(d) for _s, d in listed(book)]
    rewritten(book, lambda _rows: None, cut=first["size"])
    found = audit(book, trust=trust)
    assert found.trusted
    assert not found.evidence, "what is left is sound: only what the reader kept shows that it is not all"
    assert audit(book, trust=trust, earlier=[first]).evidence
    with pytest.raises(LedgerError, match="rolled back"):
        audit(book, trust=trust, earlier=[last])


def test_a_journal_rewritten_and_signed_anew_is_shown_by_a_kept_checkpoint(ledger_address, folder):
    """Even the issuer cannot rewrite what a reader has a checkpoint of."""
    book = founded(ledger_address, folder)
    state = book.state()
    trust, (_founded, first, _last) = keyring.trust(state), [parse(d) for _s, d in listed(book)]
    key = keyring.signing_key(state, folder)

    def swap(rows):
        rows[2], rows[3] = rows[3], rows[2]

    rewritten(book, swap)
    heads = [r[1] for r in everything(book)["ledger_entry"]]
    point = checkpoint(tree_of(heads), key, issuer=first["issuer"], method=next(iter(state.keys)), at=AT)
    with unguarded(book) as to:
        replaced(to, tables.checkpoint, [(len(heads), canonical(point))])
        stands = everything(book)["ledger_standing"][0]
        replaced(to, tables.standing, [(*stands[:4], len(heads))])
    assert audit(book, trust=trust).trusted
    with pytest.raises(LedgerError, match="rewritten since"):
        audit(book, trust=trust, earlier=[first])


def test_a_forgery_under_another_key_is_refused_by_the_readers_list(ledger_address, folder, tmp_path):
    trust = keyring.trust(founded(f"sqlite:///{tmp_path / 'true.db'}", folder).state())
    forged = founded(ledger_address, tmp_path / "other")
    assert audit(forged).exit_code == 1, "intact, issuer unknown"
    with pytest.raises(LedgerError, match="not on the list of trusted keys"):
        audit(forged, trust=trust)


def test_a_checkpoint_of_a_key_that_the_journal_never_knew_is_refused(ledger_address, folder):
    book, other = founded(ledger_address, folder), SigningKey.generate()
    (size, raw), *_ = listed(book)[-1:]
    point = {k: v for k, v in parse(raw).items() if k != "proof"}
    from tamna.ledger.certificate import method_name
    from tamna.ledger.proof import signed

    forged = signed(
        point, other, method=method_name(point["issuer"], other.public), created="2023-05-01T00:00:00Z"
    )
    with unguarded(book) as to:
        replaced(to, tables.checkpoint, [*listed(book, to)[:-1], (size, canonical(forged))])
    with pytest.raises(LedgerError, match="none of the book's"):
        audit(book)
    with pytest.raises(LedgerError, match="none of the book's"):
        sign(book, other, AT)


def test_a_guard_or_table_taken_away_is_told(ledger_address, folder):
    book = founded(ledger_address, folder)
    with book.writing() as to:
        if to.dialect.name == "sqlite":
            to.execute(text("DROP TRIGGER ledger_entry_no_delete"))
        else:
            to.execute(text("ALTER TABLE ledger_entry DISABLE TRIGGER USER"))
    with pytest.raises(LedgerError, match="guard against changes"):
        audit(book)
    with book.writing() as to:
        to.execute(text("DROP TABLE ledger_snapshot"))
    with pytest.raises(LedgerError, match="table of the ledger is missing"):
        audit(book)


def test_a_book_that_breaks_a_rule_is_refused_even_if_its_issuer_signs_it(ledger_address, folder):
    """Twice the same reading: no chain and no signature makes it sound, and the entry is named."""
    book = founded(ledger_address, folder)
    key = keyring.signing_key(book.state(), folder)

    def doubled(rows):
        at = next(i for i, r in enumerate(rows) if b'"kind":"consume"' in r[1])
        rows.append(list(rows[at]))

    rewritten(book, doubled)
    size = len(everything(book)["ledger_entry"])
    with pytest.raises(LedgerError, match=f"#{size - 1}: the entry breaks a rule: .*holds a reading"):
        audit(book)
    with pytest.raises(LedgerError, match="holds a reading"):
        sign(Registry.open(book.url.render_as_string(hide_password=False)), key, AT)


@pytest.mark.slow
def test_a_flipped_byte_of_the_file_is_refused_or_lies_where_nothing_is_kept(tmp_path, folder):
    """SQLite alone: the file itself is edited, as a broken disk would."""
    path, copy = tmp_path / "book.db", tmp_path / "copy.db"
    book = founded(f"sqlite:///{path}", folder)
    sound, trust = everything(book), keyring.trust(book.state())
    book.close()
    raw, dice, refused = path.read_bytes(), random.Random(7), 0
    for _ in range(300):
        damaged_file = bytearray(raw)
        damaged_file[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
        copy.write_bytes(damaged_file)
        for beside in ("copy.db-wal", "copy.db-shm"):
            (tmp_path / beside).unlink(missing_ok=True)
        try:
            with Registry(book.url.set(database=str(copy))) as hurt:
                audit(hurt, trust=trust)
                assert everything(hurt) == sound
        except (LedgerError, StoreError):
            refused += 1
    assert refused > 50
