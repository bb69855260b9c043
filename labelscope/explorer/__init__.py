"""The app without a widget: what it knows, and what it answers."""
