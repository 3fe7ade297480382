from __future__ import annotations

from pathlib import Path

import pytest

from tamna.errors import StoreError
from tamna.series.s3_place import check_credentials, endpoint, parse_place

_ALL = (
    "TAMNA_S3_ENDPOINT",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_SKIP_SIGNATURE",
)


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in _ALL:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("location", "bucket", "prefix"),
    [
        ("s3://jeju", "jeju", ""),
        ("s3://jeju/", "jeju", ""),
        ("s3://jeju/store", "jeju", "store"),
        ("s3://jeju.re100/a//b/", "jeju.re100", "a/b"),
        ("s3://jeju/제주 2035/store_1", "jeju", "제주 2035/store_1"),
        (str(Path("s3://jeju/store")), "jeju", "store"),
    ],
)
def test_a_location_names_a_bucket_and_a_prefix(location, bucket, prefix):
    assert parse_place(location) == (bucket, prefix)


@pytest.mark.parametrize(
    "location",
    ["s3://", "s3:", "s3://b", "s3:///x", "s3://jeju/../x", "s3://jeju/a?b", "s3://jeju/a\nb", "s3://-a-/x"],
)
def test_another_shape_is_refused(location):
    with pytest.raises(StoreError, match="not the address of a store on S3"):
        parse_place(location)


def test_a_password_in_a_location_is_refused_and_not_repeated():
    with pytest.raises(StoreError) as caught:
        parse_place("s3://AKIA:tamnasecret@jeju/store")
    assert "tamnasecret" not in str(caught.value)


def test_without_an_endpoint_it_is_aws():
    assert endpoint() == (None, False)


@pytest.mark.parametrize("name", _ALL[:4])
def test_any_of_the_usual_variables_names_the_server(monkeypatch, name):
    monkeypatch.setenv(name, "https://s3.example.kr/")
    assert endpoint() == ("https://s3.example.kr", False)


def test_our_variable_comes_first(monkeypatch):
    for name in _ALL[1:4]:
        monkeypatch.setenv(name, "https://other.example.kr")
    monkeypatch.setenv("TAMNA_S3_ENDPOINT", "https://ours.example.kr")
    assert endpoint().address == "https://ours.example.kr"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9:9000", "localhost:9000", "[::1]:9000"])
def test_this_machine_may_be_asked_without_tls(monkeypatch, host):
    monkeypatch.setenv("TAMNA_S3_ENDPOINT", f"http://{host}")
    assert endpoint() == (f"http://{host}", True)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "s3.example.kr", "localhost.example.kr", "127.0.0.1.example.kr", "0.0.0.0"]
)
def test_another_machine_may_not(monkeypatch, host):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}")
    with pytest.raises(StoreError, match="AWS_ENDPOINT_URL would send data without TLS"):
        endpoint()


@pytest.mark.parametrize(
    "address",
    [
        "s3.example.kr",
        "ftp://s3.example.kr",
        "https://",
        "https://me:tamnasecret@s3.example.kr",
        "https://[::1",
        "http://h:port",
    ],
)
def test_what_is_no_address_is_refused_and_no_password_repeated(monkeypatch, address):
    monkeypatch.setenv("TAMNA_S3_ENDPOINT", address)
    with pytest.raises(StoreError, match="TAMNA_S3_ENDPOINT is not the address") as caught:
        endpoint()
    assert "tamnasecret" not in str(caught.value)


@pytest.mark.parametrize(
    "names",
    [
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",),
    ],
)
def test_each_way_of_giving_credentials_needs_all_its_variables(monkeypatch, names):
    for name in names:
        with pytest.raises(StoreError, match="no credentials"):
            check_credentials(parse_place("s3://jeju/store"))
        monkeypatch.setenv(name, "x")
    check_credentials(parse_place("s3://jeju/store"))


def test_a_public_bucket_needs_none(monkeypatch):
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    check_credentials(parse_place("s3://jeju/store"))
