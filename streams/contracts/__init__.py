"""The models of what is on the wire, one file per topic. They import nothing but pydantic."""
