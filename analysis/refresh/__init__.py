"""Live sources: fetch, compare with what is stored, replace table and descriptor together."""
