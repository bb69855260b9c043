"""The Explorer as one anywidget: its channel, and what it shows where no kernel answers."""
