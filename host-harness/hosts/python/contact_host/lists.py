"""Lists: known by their name in the form in which names are compared, told by one spelling."""

from .spelling import list_key


class Lists:
    def __init__(self, database, source: str, run: str | None):
        self.database = database
        self.source = source
        self.run = run

    def join(self, contact: int, name: str, description: str, user: str) -> None:
        """Puts a contact on a list in a change of `user`.

        A new list is spelt as in the change of the smallest user of its run, so that the order of the
        directory's pages does not decide.
        """
        key = list_key(name)
        row = self.database.one("SELECT id, named_by, named_in FROM lists WHERE key = ?", key)
        if row is None:
            list_id = self.database.run(
                "INSERT INTO lists (key, name, description, named_by, named_in) VALUES (?, ?, ?, ?, ?)",
                key, name, description, user, self.run,
            ).lastrowid
        else:
            list_id = row["id"]
            if self.run is not None and row["named_in"] == self.run and user < row["named_by"]:
                self.database.run("UPDATE lists SET name = ?, named_by = ? WHERE id = ?", name, user, list_id)
        self.database.run(
            "INSERT OR IGNORE INTO memberships (contact, source, list) VALUES (?, ?, ?)",
            contact, self.source, list_id,
        )

    def leave(self, contact: int, name: str) -> None:
        """Takes a contact off a list that this source put it on."""
        self.database.run(
            "DELETE FROM memberships WHERE contact = ? AND source = ? AND list = (SELECT id FROM lists WHERE key = ?)",
            contact, self.source, list_key(name),
        )

    def leave_all(self, contact: int) -> None:
        self.database.run("DELETE FROM memberships WHERE contact = ? AND source = ?", contact, self.source)


def spelt(database, names: list[str], plan: int | None = None) -> list[str]:
    """The names as the lists that are there bear them, else as a plan would make them; ordered."""

    def spelling(name: str) -> str:
        row = database.one(
            """SELECT coalesce((SELECT name FROM lists WHERE key = ?1),
                 (SELECT name FROM plan_lists WHERE plan = ?2 AND key = ?1)) AS name""",
            list_key(name), plan,
        )
        return row["name"] or name

    return sorted(set(map(spelling, names)))
