"""The sheet that views draw on: shapes, colours, and how wide texts are."""
