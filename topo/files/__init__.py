"""The border to the file system: one way to read a file, one to write one, one to lock a folder."""

from topo.files.locking import locked
from topo.files.reading import not_json, read_file, read_text, text_of, was_read
from topo.files.writing import check_output, write_file

__all__ = ["check_output", "locked", "not_json", "read_file", "read_text", "text_of", "was_read", "write_file"]
