"""tests/databases/stage.py: a private database with a server of ours beside it, as each module here needs them: an integration
that reads and one that writes, a connection of each, and what is said of a connection that cannot be made."""

from private import until  # noqa: F401 (first: it knows where world.py lies)
from world import World


class Stage:
    def __init__(self, app, db, fields, *ports):
        """`fields`: what a connection needs beside host, port and CA; `ports`: further ones that may be dialled."""
        self.app, self.db, self.fields = app, db, fields
        self.world = World(*(word for port in (db.port, *ports) for word in ("--allow-private", f"127.0.0.1:{port}")))

    def begin(self, sql=None):
        self.db.start()
        if sql:
            self.db.sql(sql)
        w = self.world.start()
        w.reading, w.writing = self.integration(), self.integration(access="write")
        w.ca = w.connect(w.reading, self.values(), "reader")
        w.cw = w.connect(w.writing, self.values(), "writer")

    def end(self):
        try:
            self.world.stop()
        finally:
            self.db.stop()

    def integration(self, **settings):
        return self.world.integration(self.app, "DATABASE", integrationSecrets=settings)

    def values(self, **more):
        """The fields of a connection; None takes one away."""
        given = {"host": "localhost", "port": str(self.db.port), "ca": self.db.ca, **self.fields, **more}
        return {name: value for name, value in given.items() if value is not None}


class Connects:
    """Of a TestCase about connecting, with its `stage`."""

    def attempt(self, status, **more):
        reply = self.stage.world.try_connect(self.stage.world.reading, self.stage.values(**more))
        self.assertEqual(reply.status, status, reply)
        self.assertNotIn(self.stage.fields["password"], reply.text)
        return reply

    def refused(self, says, **more):
        self.assertRegex(self.attempt(400, **more).text, says)

    def unreached(self, says, **more):
        id_ = self.attempt(200, **more).json()["connectedAccountId"]
        made = self.stage.world.good("GET", "/ks/connections/" + id_)
        self.assertEqual(made["verdict"], "unreachable", made)
        self.assertRegex(made["status_reason"], says)

    def test_addresses_inside_are_not_dialled(self):  # N4
        w = self.stage.world
        for host in ("127.0.0.2", "10.0.0.1", "169.254.169.254", "metadata.google.internal"):
            reply = w.try_connect(w.reading, self.stage.values(host=host))
            if reply.status == 200:
                made = w.good("GET", "/ks/connections/" + reply.json()["connectedAccountId"])
                self.assertEqual(made["verdict"], "unreachable", made)
            else:
                self.assertEqual(reply.status, 400, reply)
