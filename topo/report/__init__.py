"""One `Report` value; renderers for text, JSON, HTML and CI formats."""
