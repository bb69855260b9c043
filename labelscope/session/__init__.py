"""The session: the one stateful object. A data set, what the stages found in it, and what people decided about it.

A stage runs once, when its result is first asked for, in whichever thread asks; others wait for it and not for
anything else, so that decisions never wait for a stage. Decisions live in the ledger: what is here can be lost at
any moment without losing one of them.

Each module adds one thing to the one before: what stands in the ledger, the audit on it, the stages that hear what people
said, the decisions, what is measured, groups that no label explains, and at last what is shown and written of all this.
"""

from labelscope.session.session import Session as Session

__all__ = ["Session"]
