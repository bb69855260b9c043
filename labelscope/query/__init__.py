"""The language in which people ask for items."""
