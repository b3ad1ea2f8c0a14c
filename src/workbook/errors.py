"""What goes wrong, said to a person: where, what, and what to do next."""

__all__ = ["WorkbookError"]


class WorkbookError(Exception):
    """A failure that the user can act upon."""

    def __init__(self, what: str, *, place: str | None = None, remedy: str | None = None) -> None:
        """Say where, what and what to do next.

        `place` is a path relative to the project, with a line where there is one:
        `docs/evolution/02-quality-gates/index.md:5`.
        """
        super().__init__(what)
        self.what = what
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        """`place: what` on the first line, the remedy indented below it."""
        said = f"{self.place}: {self.what}" if self.place else self.what
        if self.remedy is None:
            return said
        return "\n".join([said, *(f"  {line}" for line in self.remedy.splitlines())])
