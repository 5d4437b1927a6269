"""tests/databases/maria.py: a private MariaDB on loopback with TLS and some users. The tests look into it with mariadb(1) as
its root, over the socket in its folder."""

import subprocess

from private import Private, until

USER, PASSWORD = "reader", "reader-Pass-0123456789/+"
BOSS_PASSWORD = "boss-Pass-0123456789/+"

SETUP = f"""
CREATE DATABASE shop;
CREATE USER {USER} IDENTIFIED BY '{PASSWORD}';
CREATE USER boss IDENTIFIED BY '{BOSS_PASSWORD}';
CREATE USER filer IDENTIFIED BY '{PASSWORD}';
CREATE USER certified IDENTIFIED BY '{PASSWORD}' REQUIRE SUBJECT '/CN=certified';
GRANT ALL ON *.* TO boss WITH GRANT OPTION;
GRANT FILE ON *.* TO filer;
GRANT ALL ON shop.* TO {USER}, filer, certified;
USE shop;
CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY, total DECIMAL(40,9), made DATETIME(6), seen TIMESTAMP NULL, doc JSON,
    raw BLOB, paid TINYINT(1), weight DOUBLE, light FLOAT, feeling ENUM('fine','poor'), span TIME, day DATE, bits BIT(10));
INSERT INTO orders VALUES (1, 12.5, '2026-01-02 03:04:05.5', '2026-01-02 03:04:05', '{{"x": [1, 2]}}', x'deadbeef', 1, 0.1, 0.1,
    'fine', '-12:30:00', '2026-01-02', 5),
    (18446744073709551615, 99999999999999999999.123456789, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200) NOT NULL DEFAULT 'none');
CREATE TABLE old_notes (text VARCHAR(200)) ENGINE=MyISAM;
CREATE SEQUENCE counter;
CREATE TABLE many AS SELECT seq AS n FROM seq_1_to_30000;
DELIMITER $$
CREATE FUNCTION sneak() RETURNS INT NOT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM notes; RETURN 1; END $$
CREATE PROCEDURE leave_it() BEGIN COMMIT; SET SESSION TRANSACTION READ WRITE; INSERT INTO notes (text) VALUES ('out'); END $$
DELIMITER ;
INSERT INTO notes (text) VALUES ('kept');
"""


class Maria(Private):
    def __init__(self):
        super().__init__("mysql")
        self.socket = self.folder / "s"
        self.certify()
        self.run(
            "mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data", "--skip-test-db",
            "--auth-root-authentication-method=normal", "--innodb-log-file-size=4M",
        )  # fmt: skip

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["mariadbd", "--no-defaults", f"--datadir={self.folder}/data", f"--socket={self.socket}",
                 f"--port={self.port}", "--bind-address=127.0.0.1", f"--ssl-ca={self.folder}/ca.pem",
                 f"--ssl-cert={self.folder}/server.pem", f"--ssl-key={self.folder}/server.key", "--skip-name-resolve",
                 "--innodb-buffer-pool-size=16M", "--performance-schema=off",
                 f"--pid-file={self.folder}/pid", "--secure-file-priv="],
                cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, **self.as_user(),
            )  # fmt: skip
        until("MariaDB takes connections", self.ready, 60)
        return self

    def client_argv(self):
        return ["mariadb", "--no-defaults", "-S", str(self.socket), "-uroot", "-N", "-B"]

    def ready(self):
        argv = [*self.client_argv(), "-e", "SELECT 1"]
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0

    def sql(self, text):
        """Lines of the answer, as root."""
        done = subprocess.run(self.client_argv(), input=text, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split("\n")[:-1]

    def running(self, part):
        """Statements under way that hold `part`."""
        return self.sql(
            f"SELECT id FROM information_schema.processlist WHERE info LIKE '%{part}%' AND id <> CONNECTION_ID()"
        )

    def sessions(self):
        return self.sql(f"SELECT id FROM information_schema.processlist WHERE user = '{USER}'")
