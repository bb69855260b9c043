"""How much is wrong: a sample that a person checks, what it says of all cells, and when to stop reviewing."""
