"""The chapters of the report, each a function from the input of the report to HTML."""
