"""The parts of docs/evidence.md: published figures beside ours."""
