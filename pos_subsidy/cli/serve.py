"""``serve``: run the till service."""

from datetime import datetime

import click

from pos_subsidy import certificates
from pos_subsidy.cli import data_option
from pos_subsidy.cli.running import aware_moment, run
from pos_subsidy.cli.shop import join
from pos_subsidy.config import Folder
from pos_subsidy.errors import NotAllowed, NotFound
from pos_subsidy.wiring import wire

_DEMO_CODE = "DEMO"


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8600, show_default=True, type=int)
@click.option("--hub", "hub_url", help="Address of the city's hub; a demo shop joins it by itself.")
@click.option("--public-url", help="Address under which customers' phones reach this service.")
@click.option(
    "--tls/--no-tls", default=None, help="Speak https; by itself wherever `tls` made a certificate."
)
@click.option(
    "--nightly/--no-nightly",
    default=None,
    help="Close and send every night by itself; a demo shop does so only when asked.",
)
@click.option("--training-clock", "training", type=aware_moment, help="Start at this moment; demo only.")
def serve(
    folder: Folder,
    host: str,
    port: int,
    hub_url: str | None,
    public_url: str | None,
    tls: bool | None,
    nightly: bool | None,
    training: datetime | None,
) -> None:
    """Serve till, wallet and office pages and the API."""
    settings = folder.settings()
    known = folder.hub()
    if training is not None and not settings.demo:
        raise NotAllowed("demo_only")
    if hub_url and (known is None or known.url != hub_url.rstrip("/")):
        if not settings.demo:
            raise NotAllowed("enrol_first")
        join(folder, hub_url, _DEMO_CODE, at=training)
    # Whatever is wrong with folder or rules is said here, before a worker starts and dies of it.
    wire(folder, training_clock=training)
    certified = folder.path / certificates.FOLDER
    secure = (certified / certificates.SERVER).exists() if tls is None else tls
    if secure and not (certified / certificates.SERVER).exists():
        raise NotFound("tls_missing")
    scheme = "https" if secure else "http"
    run(
        "pos_subsidy.cli.workers:till",
        host=host,
        port=port,
        tls=certified if secure else None,
        data=str(folder.path),
        public_url=public_url or settings.public_url or f"{scheme}://{host}:{port}",
        training=training.isoformat() if training else None,
        # A training clock leaps over nights; whoever plays with it closes the days himself.
        nightly=training is None and (not settings.demo if nightly is None else nightly),
    )
