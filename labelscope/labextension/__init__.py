"""What the JupyterLab extension asks of the kernel: look into a table, say how it can be read, open it in the Explorer.

The extension (``extensions/lab``) runs ``labextension.answer(request)`` in a kernel of its own and shows what comes
back. Requests and answers are declared in :mod:`labelscope.labextension.messages`; an answer has either what was asked
for or one line under "error".
"""

from labelscope.labextension.answers import answer
from labelscope.labextension.messages import PROTOCOL
from labelscope.labextension.tables import app

__all__ = ["PROTOCOL", "answer", "app"]
