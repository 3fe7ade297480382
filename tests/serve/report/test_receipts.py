"""The page says that its times are the island's; its receipts keep that too."""

from tamna.lang import speaking
from tamna.serve.report.receipts import receipt_rows
from tamna.sources import Receipt


def receipt(start, end, source="kpx_demand"):
    return Receipt(
        name="a.csv", sha256="0", size_bytes=1, reader="r", reader_version=1, source=source,
        data_start=start, data_end=end, rows=1,
    )  # fmt: skip


def test_a_file_of_one_island_year_is_from_its_first_to_its_last_day():
    (row,) = receipt_rows([receipt("2022-12-31T15:00Z", "2023-12-31T15:00Z")], "Asia/Seoul")
    assert (row.data_start, row.data_end) == ("2023-01-01", "2023-12-31")
    (row,) = receipt_rows([receipt("2022-12-31T15:00Z", "2023-12-31T15:00Z")], "UTC")
    assert (row.data_start, row.data_end) == ("2022-12-31", "2023-12-31")


def test_the_licence_is_told_in_the_reader_s_language():
    (row,) = receipt_rows([receipt("2022-12-31T15:00Z", "2023-12-31T15:00Z")], "Asia/Seoul")
    with speaking("ko"):
        assert "공공누리" in str(row.licence)
        assert "출처" in str(row.use)
