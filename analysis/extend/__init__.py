"""Commands for those who extend the collection: a new notebook, a new table's entry."""
