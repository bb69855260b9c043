"""How a table writes the labels of its items: reader and writer of each way together."""
