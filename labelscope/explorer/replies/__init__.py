"""What the kernel tells a view, declared once: the body of every reply, and the state that is pushed."""
