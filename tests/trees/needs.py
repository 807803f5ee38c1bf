"""Prints what a project file says that running needs, one requirement a word."""

import sys
import tomllib

with open(sys.argv[1], "rb") as file:
    print(*tomllib.load(file)["project"]["dependencies"])
