"""A hub over real HTTP, and shops that are enrolled with it."""

import json
import threading
from contextlib import contextmanager

from werkzeug.serving import make_server

from pos_subsidy.city.client import HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.cli.shop import join
from pos_subsidy.domain.keys import new_keyring, to_json
from pos_subsidy.services import city_sync
from pos_subsidy.store import journal
from tests.support import Api, copy_shop, wired_with

_PATIENCE_SECONDS = 20.0


@contextmanager
def serving(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


class Shop:
    """A shop that is enrolled with the hub."""

    def __init__(self, template, path, outlet, hub, clock, **about):
        self.folder = copy_shop(template, path)
        self.folder.change(outlet=outlet, **about)
        own_keys(self.folder)
        join(self.folder, hub, "DEMO", at=clock())
        keyring = self.folder.keys().keyring
        # What the city says is looked at here, not how fast a busy machine says it.
        self.client = HubClient(
            self.folder.hub(), outlet=outlet, keyring=keyring, clock=clock, live_seconds=_PATIENCE_SECONDS
        )
        self.line = Line(self.client, clock=clock)
        self.wired = wired_with(self.folder, clock, city=self.line, outlet_id=outlet)
        self.api = Api.of(self.wired, self.folder)
        self.db = self.wired.till.db()
        self.clock = clock

    def sync(self):
        return city_sync.sync(self.db, self.wired.shop, now=self.clock())

    def entries(self):
        return list(journal.entries(self.db))


def own_keys(folder):
    """Give a copied shop keys of its own."""
    path = folder.path / "keys/shop.json"
    kept = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**kept, "keyring": to_json(new_keyring())}), "utf-8")
