"""Whoever says something about a cell: raters, rules and judges, and how far each of them is to be believed."""
