"""The shop's own certificate: real https, trusted by its authority; identities only where nobody listens."""

import os
import ssl
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from pos_subsidy import certificates, create_app
from pos_subsidy.demo import processes
from tests.support import ANNA, run

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SERVED_FROM_AFAR = {"REMOTE_ADDR": "192.168.1.77"}


def test_a_certificate_is_for_its_hosts_and_for_a_year(tmp_path):
    printed = certificates.make(tmp_path, ["192.168.1.10", "till.local"], name="南湖示范店 DEMO-A", now=NOW)
    server, authority = x509.load_pem_x509_certificates((tmp_path / "tls/server.pem").read_bytes())
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.10", "127.0.0.1"]
    assert names.get_values_for_type(x509.DNSName) == ["till.local", "localhost"]
    assert server.not_valid_after_utc - NOW < timedelta(days=398)
    server.verify_directly_issued_by(authority)
    assert len(printed.split(":")) == 32
    again = certificates.make(tmp_path, ["till.local"], name="x", now=NOW)
    assert again == printed, "phones that trust the shop go on trusting it"
    if os.name == "posix":
        for name in ("server.key", "authority.key"):
            assert stat.S_IMODE((tmp_path / "tls" / name).stat().st_mode) == 0o600


def test_the_service_speaks_https_and_is_trusted_by_its_authority(folder, tmp_path):
    command = [sys.executable, "-m", "pos_subsidy", "tls", "--data", str(folder.path), "--host", "127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    port = processes.free_port()
    service = subprocess.Popen(
        [sys.executable, "-m", "pos_subsidy", "serve", "--data", str(folder.path), "--port", str(port)],
        cwd=ROOT,
    )
    trusted = ssl.create_default_context(cafile=str(folder.path / "tls/authority.pem"))
    address = f"https://127.0.0.1:{port}"
    try:
        with httpx.Client(verify=trusted, trust_env=False) as client:
            for _ in range(500):
                try:
                    if client.get(f"{address}/healthz").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.2)
            page = client.get(f"{address}/sign-in")
            assert page.status_code == 200 and "Secure" in page.headers["Set-Cookie"]
            given = client.get(f"{address}/trust/authority.crt")
            assert given.content == (folder.path / "tls/authority.pem").read_bytes()
            printed = certificates.fingerprint(folder.path / "tls/authority.pem")
            assert printed in client.get(f"{address}/trust").text
        with httpx.Client(trust_env=False) as stranger, pytest.raises(httpx.ConnectError):
            stranger.get(f"{address}/healthz")
    finally:
        service.terminate()
        service.wait(timeout=60)


def test_without_a_certificate_https_is_refused_with_the_next_step(folder):
    with pytest.raises(Exception, match="tls_missing"):
        run("serve", "--data", str(folder.path), "--tls", "--port", "1")


def voucher(client, key, **about):
    body = {"category": "refrigerator", "person": ANNA}
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": os.urandom(8).hex()}
    return client.post("/api/v1/vouchers", json=body, headers=headers, **about)


def test_an_identity_over_an_open_network_is_refused_before_it_is_kept(api):
    refused = voucher(api.client, api.key, environ_base=SERVED_FROM_AFAR)
    assert (refused.status_code, refused.json["code"]) == (403, "tls_required")
    person = {"id_type": ANNA["id_type"], "id_number": ANNA["id_number"]}
    headers = {"Authorization": f"Bearer {api.key}"}
    for path, body in (
        ("/rights", {"person": person}),
        ("/assessments", {"category": "computer", "price_fen": 1, "person": person}),
        ("/claims", {"category": "car", "price_fen": 1, "person": ANNA}),
    ):
        told = {**headers, "Idempotency-Key": os.urandom(8).hex()}
        answer = api.client.post(f"/api/v1{path}", json=body, headers=told, environ_base=SERVED_FROM_AFAR)
        assert (answer.status_code, answer.json["code"]) == (403, "tls_required"), path
    plain = api.client.post(
        "/api/v1/assessments",
        json={"category": "computer", "price_fen": 599_900, "energy_rating": 1},
        environ_base=SERVED_FROM_AFAR,
    )
    assert plain.status_code == 200, "without a person there is nothing to hide"


def test_by_https_or_on_the_shops_own_machine_it_is_taken(api):
    secure = {**SERVED_FROM_AFAR, "wsgi.url_scheme": "https"}
    assert voucher(api.client, api.key, environ_overrides=secure).status_code == 201


def test_a_proxy_is_believed_only_where_the_shop_has_one(wired, api):
    forwarded = {"X-Forwarded-For": "192.168.1.77", "X-Forwarded-Proto": "http"}
    behind = create_app(replace(wired, behind_proxy=True)).test_client()
    headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": "k1"}
    body = {"category": "refrigerator", "person": ANNA}
    refused = behind.post("/api/v1/vouchers", json=body, headers={**headers, **forwarded})
    assert refused.json["code"] == "tls_required"
    secure = {**forwarded, "X-Forwarded-Proto": "https"}
    assert behind.post("/api/v1/vouchers", json=body, headers={**headers, **secure}).status_code == 201
    claimed = api.client.post(
        "/api/v1/vouchers",
        json=body,
        headers={**headers, **secure, "Idempotency-Key": "k2"},
        environ_base=SERVED_FROM_AFAR,
    )
    assert claimed.json["code"] == "tls_required", "anybody may write such a header"
