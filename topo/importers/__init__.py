"""A Fabric from somebody else's file or graph."""
