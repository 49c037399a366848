"""The one base of the errors that people are meant to read. Lives here since orchestration imports connectors."""


class HeadwaterError(Exception):
    """Says in one line what is wrong, where (source, table, key, file) and what to do.

    Never holds a value of a record or a secret: messages end up in logs.
    """
