"""How a column, or several, says the labels of its items: reader and writer of each way together, one file a way."""
