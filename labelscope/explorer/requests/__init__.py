"""The answers to what a view asks for, one module a panel."""
