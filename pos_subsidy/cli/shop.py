"""``init`` and ``enrol``: make a shop's folder, and join a hub."""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

import click

from pos_subsidy.city import client
from pos_subsidy.cli import data_option, print_json
from pos_subsidy.clock import system_clock
from pos_subsidy.config import Folder, Settings
from pos_subsidy.domain.keys import raw_public
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol import sealing
from pos_subsidy.protocol.messages import Enrolment
from pos_subsidy.services import access
from pos_subsidy.store import persons
from pos_subsidy.store.db import TillDatabase, write_transaction
from pos_subsidy.wiring import open_till_database

_DEMO_USCC = "91330402MA2XXXXX0L"


@click.command()
@data_option
@click.option("--demo", is_flag=True, help="A shop to try things with; asks nothing.")
@click.option("--outlet", help="Number of the outlet, e.g. JX-0001.")
@click.option("--name", help="Name of the shop.")
@click.option("--merchant-name", default="", help="Name of the merchant as licensed.")
@click.option("--merchant-uscc", default="", help="Credit code of the merchant.")
@click.option("--region", default="330402", show_default=True, help="Region code (GB/T 2260).")
@click.option("--json", "as_json", is_flag=True)
def init(
    folder: Folder,
    demo: bool,
    outlet: str | None,
    name: str | None,
    merchant_name: str,
    merchant_uscc: str,
    region: str,
    as_json: bool,
) -> None:
    """Make a shop's folder: settings, keys, database, first accounts and API key."""
    if demo:
        outlet, name = outlet or "DEMO-A", name or "示例家电城"
        merchant_name, merchant_uscc = merchant_name or "示例商贸有限公司", merchant_uscc or _DEMO_USCC
        if not outlet.startswith("DEMO-"):
            raise Invalid("demo_only")
    outlet = outlet or click.prompt("Number of the outlet (e.g. JX-0001)")
    name = name or click.prompt("Name of the shop")
    settings = Settings(outlet, name, merchant_name or name, merchant_uscc, region, demo)
    folder.init(settings)
    made = _accounts(open_till_database(folder), outlet)
    if demo:
        _keep_private(folder.path / "demo.json", made)
    if as_json:
        print_json({"data": str(folder.path), **made})
        return
    click.echo(f"{name} ({outlet}) in {folder.path}")
    for role in ("cashier", "manager"):
        click.echo(f"  {role}: {made[role]['username']} / {made[role]['password']}")
    click.echo(f"  API key: {made['api_key']}")
    click.echo("  Shown once; keep them safe." if not demo else "  Also in demo.json.")


@click.command()
@click.argument("hub_url")
@click.option("--code", required=True, help="One-time code from the city.")
@data_option
def enrol(hub_url: str, code: str, folder: Folder) -> None:
    """Join the city's hub. Identities kept so far are sealed again, to the city."""
    join(folder, hub_url, code)
    click.echo(f"enrolled with {hub_url}")


def join(folder: Folder, hub_url: str, code: str, *, at: Any = None) -> None:
    """Enrol a shop with a hub and remember the hub's keys."""
    settings, keys = folder.settings(), folder.keys()
    publics = [base64.b64encode(raw_public(key.public)).decode() for key in keys.keyring.known]
    asked = Enrolment(
        code=code,
        outlet=settings.outlet,
        name=settings.name,
        merchant_name=settings.merchant_name,
        merchant_uscc=settings.merchant_uscc,
        region=settings.region,
        public_keys=publics,
    )
    _, _, hub_kid = code.partition("-")
    hub = client.enrol(hub_url, asked, keys.keyring, at=at or system_clock(), hub_kid=hub_kid or None)
    _reseal(open_till_database(folder), keys.seal_private, hub.seal_public)
    folder.remember_hub(hub)


def _reseal(db: TillDatabase, private: bytes, to: bytes) -> None:
    with write_transaction(db):
        for commitment, sealed in persons.sealed_with_other_key(db, sealing.seal_kid(to)):
            try:
                opened = sealing.unseal(sealed, private)
            except Invalid:
                continue  # sealed to a hub of earlier days, which alone can open it
            again = sealing.seal(opened, to)
            persons.reseal(db, commitment=commitment, sealed=again, seal_kid=sealing.seal_kid(to))


def _accounts(db: TillDatabase, outlet: str) -> dict[str, Any]:
    now = system_clock()
    made: dict[str, Any] = {"outlet": outlet}
    made["api_key"] = access.new_api_key(db, name="first key", till="T1", now=now)
    for role, display in (("cashier", "收银员一"), ("manager", "店长")):
        password = secrets.token_urlsafe(9)
        access.new_staff(db, username=role, display_name=display, role=role, password=password, till="T1")
        made[role] = {"username": role, "password": password}
    return made


def _keep_private(path: Path, content: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
